/** The page: joins editor, lines, results and links. */
import { Client } from "./client.js";
import { Completer } from "./complete.js";
import { show as showDetails } from "./details.js";
import { byId, count, element } from "./dom.js";
import { Editor } from "./editor.js";
import { EXAMPLES } from "./examples.js";
import { Filters, nothing } from "./filters.js";
import { type Server, server } from "./server.js";
import { LONGEST, fromFragment, toFragment } from "./share.js";
import { Table } from "./table.js";
import type { Checked, Shown } from "./types.js";

declare const WORKER: string;
declare const NONCE: string;

/** How long the page waits for the next key before it reads what was written, in milliseconds. */
const PAUSE = 150;
/** As much of a file is shown in the pane for lines. */
const SHOWN = 200_000;

const client = new Client(WORKER);
const lines = byId<HTMLTextAreaElement>("lines");
const container = byId<HTMLSelectElement>("container");
const stream = byId<HTMLSelectElement>("stream");
const notice = byId("notice");
const summary = byId("summary");
const state = byId("config-state");
const progress = byId<HTMLProgressElement>("progress");
const results = byId("results-pane");
const aside = byId("details");

/** How much is going on. */
let going = 0;
let completer: Completer | undefined;
let checked: Checked | undefined;
/** A file in place of the pane's text, which shows its beginning. */
let file: File | undefined;
let opened: Server | undefined;
/** Which container a state asked for, before its configuration was read. */
let wanted: string | undefined;

const editor = new Editor(byId("editor"), NONCE, () => completer, () => later(refresh));
const filters = new Filters(byId("filters"), () => void guard(refilter));
const table = new Table(
  byId("table"),
  byId("rows"),
  (from, count) => {
    busy(1);
    return client.ask<"rows">({ ask: "rows", from, count }).finally(() => busy(-1));
  },
  (row) => void guard(() => details(row)),
);

let timer: number | undefined;
function later(what: () => Promise<void>): void {
  if (timer === undefined) busy(1);
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    timer = undefined;
    void guard(what);
    busy(-1);
  }, PAUSE);
}

/** Says what went wrong, and keeps the last results, greyed. */
async function guard(what: () => Promise<void>): Promise<void> {
  busy(1);
  try {
    await what();
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    results.classList.add("stale");
    progress.hidden = true;
  }
  busy(-1);
}

/** Says whether something is going on: to assistive technology, and to tests. */
function busy(more: number): void {
  going += more;
  results.setAttribute("aria-busy", String(going > 0));
}

function tell(text: string): void {
  notice.textContent = text;
  notice.hidden = text === "";
}

/** Counts the runs, so that only the newest one is shown. */
let newest = 0;

/** Reads the configuration, and runs the lines again. */
async function refresh(): Promise<void> {
  const run = ++newest;
  const found = await client.ask<"check">({ ask: "check", source: editor.text });
  if (run !== newest) return;
  checked = found;
  editor.show(found.problems);
  listProblems(found);
  if (!found.good) {
    const wrong = found.problems.filter((problem) => problem.severity === "error").length;
    state.textContent = `${count(wrong, "error")}: the last results stay`;
    state.className = "state bad";
    results.classList.add("stale");
    return;
  }
  state.textContent = `filter.wasm: ${count(found.bytes, "byte")}`;
  state.className = "state good";
  listContainers(found.summary?.containers ?? []);
  await rerun(run);
}

async function rerun(run: number = ++newest): Promise<void> {
  if (!checked?.good) return;
  const text = file ?? new TextEncoder().encode(lines.value).buffer;
  const origin = {
    ...(container.value ? { container: container.value } : {}),
    ...(stream.value ? { stream: stream.value } : {}),
  };
  const transfer = text instanceof File ? [] : [text];
  const shown = await client.ask<"run">(
    { ask: "run", origin, filter: filters.filter, text },
    {
      transfer,
      at: (done, of) => {
        progress.hidden = false;
        progress.value = done / of;
      },
    },
  );
  progress.hidden = true;
  if (run === newest) present(shown);
}

async function refilter(): Promise<void> {
  const shown = await client.ask<"show">({ ask: "show", filter: filters.filter });
  if (!results.classList.contains("stale")) present(shown);
  else table.reset(shown.shown), filters.show(shown);
}

function present(shown: Shown): void {
  results.classList.remove("stale");
  aside.hidden = true;
  tell(notes(shown).join("\n"));
  const unparsed = shown.counts.kinds["unparsed"] ?? 0;
  const joined = shown.all === shown.lines ? "" : ` in ${count(shown.all, "record")}`;
  const some = shown.shown === shown.all ? "" : `, ${shown.shown.toLocaleString("en")} shown`;
  summary.textContent = `${count(shown.lines, "line")}${joined}${some}, ${unparsed.toLocaleString("en")} unparsed`;
  filters.show(shown);
  table.reset(shown.shown);
}

function notes({ unclear, too_long }: Shown): string[] {
  const notes = [];
  if (unclear) {
    notes.push("No lines are joined, since `multiline` differs: choose the container and the stream of the lines.");
  }
  if (too_long) {
    const [bytes, limit] = [too_long.bytes, too_long.limit].map((number) => number.toLocaleString("en"));
    notes.push(
      `Line ${too_long.line.toLocaleString("en")} is too long to be parsed: its record has ${bytes} bytes, and the filter parses up to ${limit}. Longer ones pass as they are.`,
    );
  }
  return notes;
}

async function details(row: number): Promise<void> {
  const found = await client.ask<"details">({ ask: "details", row });
  if (!found) return;
  showDetails(aside, found, () => {
    aside.hidden = true;
    byId("table").focus();
  });
  aside.hidden = false;
}

function listProblems({ problems }: Checked): void {
  const list = byId("problems");
  const items = problems.map((problem) => {
    const button = element(
      "button",
      { type: "button" },
      element("b", {}, `${problem.severity} in line ${problem.line}: `),
      problem.message,
      problem.help ? element("small", {}, `help: ${problem.help}`) : null,
    );
    button.addEventListener("click", () => editor.goTo(problem.from, problem.to));
    return element("li", { class: problem.severity }, button);
  });
  list.replaceChildren(...items);
  list.hidden = items.length === 0;
}

function listContainers(names: string[]): void {
  const chosen = wanted ?? container.value;
  wanted = undefined;
  const options = names.map((name) => element("option", { value: name }, name));
  container.replaceChildren(element("option", { value: "" }, "any"), ...options);
  container.value = names.includes(chosen) ? chosen : "";
}

function take(next: { config: string; lines: string; container?: string; stream?: string }): Promise<void> {
  file = undefined;
  byId("file-note").hidden = true;
  lines.readOnly = false;
  editor.text = next.config;
  lines.value = next.lines;
  wanted = next.container ?? "";
  stream.value = next.stream ?? "";
  filters.filter = nothing();
  return refresh();
}

async function takeFile(given: File): Promise<void> {
  file = given;
  const note = byId("file-note");
  note.hidden = false;
  note.textContent = `${given.name}, ${count(given.size, "byte")}`;
  lines.readOnly = true;
  lines.value = await beginning(given);
  await rerun();
}

/** The beginning of a file, for the eye; the worker says what is wrong with it. */
async function beginning(given: File): Promise<string> {
  const head = new Uint8Array(await given.slice(0, SHOWN).arrayBuffer());
  const cut = given.size > SHOWN ? "\n…" : "";
  return head[0] === 0x1f && head[1] === 0x8b ? "(a gzip file)" : new TextDecoder().decode(head) + cut;
}

function save(name: string, bytes: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const link = element("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

async function download(what: string): Promise<void> {
  switch (what) {
    case "toml":
      return save("firelens.toml", editor.text, "application/toml");
    case "wasm":
      return save("filter.wasm", await client.ask<"module">({ ask: "module" }), "application/wasm");
    case "ndjson":
    case "explain": {
      const bytes = await client.ask<"ndjson">({ ask: "ndjson", explain: what === "explain" });
      return save("records.ndjson", bytes, "application/x-ndjson");
    }
  }
}

async function share(): Promise<void> {
  if (file) {
    throw new Error("A file's lines do not fit into a link. Paste some of them instead.");
  }
  const fragment = await toFragment({
    config: editor.text,
    lines: lines.value,
    ...(container.value ? { container: container.value } : {}),
    ...(stream.value ? { stream: stream.value } : {}),
  });
  if (fragment.length > LONGEST) {
    throw new Error("These are too many lines for a link. Keep those that matter.");
  }
  history.replaceState(null, "", fragment);
  // The address of this run is a secret, and of no use to anybody else.
  const [link, said] = opened ? [fragment, "Copied, for the end of a playground's address"] : [location.href, "Copied"];
  const button = byId("share");
  try {
    await navigator.clipboard.writeText(link);
    button.textContent = said;
  } catch {
    button.textContent = "It is in the address bar";
  }
  setTimeout(() => (button.textContent = "Copy link"), 3000);
}

async function begin(): Promise<void> {
  const packed = byId("engine").textContent?.trim() ?? "";
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const engine = await new Response(unpacked).arrayBuffer();
  byId("engine").remove();
  const { schema, fields } = await client.ask<"start">({ ask: "start", engine }, { transfer: [engine] });
  completer = new Completer(schema, fields);
  opened = await server();
  if (opened) {
    const button = byId("save");
    button.hidden = false;
    button.title = opened.path;
    button.addEventListener("click", () => void guard(() => opened!.save(editor.text, button)));
  }
  await open();
}

/** What the address says, or else the file that is served, or else the first example. */
async function open(): Promise<void> {
  const first = EXAMPLES[0]!;
  try {
    const shared = await fromFragment(location.hash);
    await take(shared ?? { ...first, ...(opened?.text ? { config: opened.text, container: "", stream: "" } : {}) });
  } catch (error) {
    await take(first);
    throw error;
  }
}

EXAMPLES.forEach(({ title }, index) => byId("examples").append(element("option", { value: String(index) }, title)));
byId<HTMLSelectElement>("examples").addEventListener("change", (event) => {
  const select = event.target as HTMLSelectElement;
  const example = EXAMPLES[Number(select.value)];
  if (select.value !== "" && example) void guard(() => take(example));
  select.value = "";
});
byId<HTMLSelectElement>("download").addEventListener("change", (event) => {
  const select = event.target as HTMLSelectElement;
  void guard(() => download(select.value)).then(() => (select.value = ""));
});
byId("share").addEventListener("click", () => void guard(share));
byId("open").addEventListener("click", () => byId("file").click());
byId<HTMLInputElement>("file").addEventListener("change", (event) => {
  const input = event.target as HTMLInputElement;
  const given = input.files?.[0];
  if (given) void guard(() => takeFile(given));
  input.value = "";
});
lines.addEventListener("input", () => later(rerun));
lines.addEventListener("focus", () => {
  // A file gives way to what is typed.
  if (file && lines.readOnly) lines.title = "Choose an example, or reload, to type lines again";
});
container.addEventListener("change", () => void guard(rerun));
stream.addEventListener("change", () => void guard(rerun));
addEventListener("hashchange", () => void guard(open));
const pane = byId("lines-pane");
for (const name of ["dragenter", "dragover"]) {
  addEventListener(name, (event) => {
    event.preventDefault();
    pane.classList.add("drop");
  });
}
addEventListener("dragleave", () => pane.classList.remove("drop"));
addEventListener("drop", (event) => {
  event.preventDefault();
  pane.classList.remove("drop");
  const given = event.dataTransfer?.files[0];
  if (given) void guard(() => takeFile(given));
});
void guard(begin).then(() => (document.documentElement.dataset["ready"] = "yes"));
