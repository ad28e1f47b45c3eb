// What is done with the page in a browser: `node page.mjs SCENARIO PAGE ARGUMENT`.
import { deepStrictEqual as equal, ok } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { axe, chromium, configure, downloaded, given, idle, open, openFile, text } from "./browser.mjs";

const WRONG = '[[container]]\nname = "a"\nstdout = "combind"\n';

/** Whether the lines that the table was scrolled to are there. */
const inSight = () => {
  const { left, top, width, height } = document.getElementById("table").getBoundingClientRect();
  const row = document.elementFromPoint(left + width / 2, top + height / 2)?.closest(".row");
  const rows = [...document.querySelectorAll("#rows .row")];
  return row && rows.every((row) => row.childElementCount > 1);
};

const scenarios = {
  /** Every configuration with every line: what is downloaded is what the command line prints. */
  async equal(browser) {
    const { cases } = JSON.parse(readFileSync(given.argument));
    const page = await open(browser);
    let objects = 0;
    for (const { name, config, lines, expected } of cases) {
      await configure(page, readFileSync(config, "utf8"));
      await openFile(page, lines);
      equal(await page.locator("#config-state").getAttribute("class"), "state good", name);
      // Lines that come from nowhere in particular, as the command line was told.
      await page.selectOption("#container", "");
      await page.selectOption("#stream", "");
      await idle(page);
      const [found, wanted] = [await downloaded(page, "explain"), readFileSync(expected)];
      if (!found.equals(wanted)) {
        const [ours, theirs] = [found, wanted].map((bytes) => bytes.toString().split("\n"));
        const at = ours.findIndex((line, index) => line !== theirs[index]);
        throw new Error(`${name}, object ${at + 1}:\npage:    ${ours[at]}\ncommand: ${theirs[at]}`);
      }
      objects += found.toString().split("\n").length - 1;
    }
    equal(page.faults, []);
    console.log(`${cases.length} configurations, ${objects} objects`);
  },

  /** What is wrong is underlined at its place, and said with its help. */
  async problems(browser) {
    const { cases } = JSON.parse(readFileSync(given.argument));
    const page = await open(browser, { viewport: { width: 1280, height: 1600 } });
    for (const { name, config, complaints } of cases) {
      const source = readFileSync(config, "utf8");
      await configure(page, source);
      const found = await page.locator("#problems li").evaluateAll((items) =>
        items.map((item) => {
          const head = item.querySelector("b").textContent;
          const help = item.querySelector("small")?.textContent ?? "";
          const message = item.textContent.slice(head.length, item.textContent.length - help.length);
          return [head, message.split("\n")[0]];
        }),
      );
      const wanted = complaints.map(([head, place]) => {
        const [, severity, message] = /^(\w+)\[[\w-]+\]: (.*)$/.exec(head);
        return [`${severity} in line ${place.split(":")[0]}: `, message];
      });
      equal(found, wanted, name);
      // The place itself, where it is in sight and has a text to underline.
      await page.locator("#problems button").first().click();
      const chosen = await page.evaluate(() => getSelection().toString());
      const [line, column] = complaints[0][1].split(":").map(Number);
      const at = [...source.split("\n")[line - 1]].slice(column - 1).join("");
      ok(chosen === "" || at.startsWith(chosen.split("\n")[0]), `${name}: ${chosen} is not at ${at}`);
      ok((await page.locator(".cm-lintRange, .cm-lintPoint, .cm-lint-marker").count()) > 0, `${name}: no underline`);
    }
    equal(page.faults, []);
    console.log(`${cases.length} configurations`);
  },

  /** A link opens the same state, and keeps it out of what servers see. */
  async share(browser) {
    const page = await open(browser);
    await page.selectOption("#examples", { label: "JSON lines" });
    await idle(page);
    await page.fill("#lines", '{"level":"error","message":"é 日本"}\nx\n');
    await idle(page);
    await page.click("#share");
    await page.waitForFunction(() => location.hash.length > 9);
    const link = await page.evaluate(() => navigator.clipboard.readText());
    ok(/^file:[^?]*#1[\w-]+$/.test(link), link);
    const again = await open(browser, { fragment: link.slice(link.indexOf("#")) });
    for (const selector of ["#summary", "#rows", "#filters", "#config-state"]) {
      equal(await text(again, selector), await text(page, selector), selector);
    }
    for (const selector of ["#lines", "#container", "#stream"]) {
      equal(await again.inputValue(selector), await page.inputValue(selector), selector);
    }
    equal(await downloaded(again, "toml"), await downloaded(page, "toml"));
    // A link that was cut off is said, and the page can be used.
    const cut = await open(browser, { fragment: link.slice(link.indexOf("#"), -40) });
    ok((await text(cut, "#notice")).startsWith("This link is damaged"));
    equal([...page.faults, ...again.faults, ...cut.faults], []);
  },

  /** What is downloaded is what the command line writes. */
  async downloads(browser) {
    const { config, module } = JSON.parse(readFileSync(given.argument));
    const page = await open(browser);
    await configure(page, readFileSync(config, "utf8"));
    equal(await downloaded(page, "toml"), readFileSync(config));
    ok((await downloaded(page, "wasm")).equals(readFileSync(module)), "filter.wasm");
    equal(page.faults, []);
  },

  /** Bad input gets a sentence, and the last good results stay. */
  async bad(browser) {
    const page = await open(browser);
    const before = await text(page, "#rows");
    await configure(page, WRONG);
    equal(await page.locator("#results-pane").getAttribute("class"), "pane stale");
    equal(await text(page, "#rows"), before);
    equal(await text(page, "#config-state"), "1 error: the last results stay");
    equal(await page.locator(".results").evaluate((shown) => getComputedStyle(shown).filter), "grayscale(1)");
    await page.selectOption("#examples", { index: 1 });
    await idle(page);
    equal(await page.locator("#results-pane").getAttribute("class"), "pane");

    const said = async (name, buffer) => {
      await openFile(page, buffer === undefined ? join(given.argument, name) : { name, mimeType: "", buffer });
      return text(page, "#notice");
    };
    const binary = Buffer.concat([Buffer.from("\x7fELF"), Buffer.alloc(5000)]);
    ok((await said("program", binary)).startsWith("This is a binary file, not a log"));
    ok((await said("packed.gz", gzipSync(binary))).startsWith("This is a binary file, not a log"));
    ok((await said("cut.gz", gzipSync("x\n".repeat(50_000)).subarray(0, 60))).startsWith("The gzip file is damaged"));
    writeFileSync(join(given.argument, "big.log"), "0123456789abcde\n".repeat(3_200_000));
    ok((await said("big.log")).startsWith("This file has 52 MB; the playground takes up to 50 MB."));
    const bomb = gzipSync("0123456789abcde\n".repeat(3_200_000));
    ok((await said("big.log.gz", bomb)).startsWith("This file has more than 50 MB, unpacked"));
    equal(await page.locator("#results-pane").getAttribute("class"), "pane stale");

    const long = Buffer.from(`short\n${"x".repeat(1 << 20)}\n`);
    ok((await said("long.log", long)).startsWith("Line 2 is too long to be parsed: its record has 1,048,"));
    equal(await text(page, "#summary"), "2 lines, 2 unparsed");
    equal(await said("lines.gz", gzipSync("a\nb\nc\n")), "");
    equal(await text(page, "#summary"), "3 lines, 3 unparsed");
    equal(page.faults, []);
  },

  /** A hundred thousand lines: the page stays quick, and holds few of them. */
  async many(browser) {
    const page = await open(browser);
    await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline"] });
    await openFile(page, given.argument);
    equal((await text(page, "#summary")).split(",").slice(0, 2).join(","), "100,000 lines");
    for (const y of [1_000, 200_000, 1_900_000, 2_400_000]) {
      await page.locator("#table").evaluate((table, y) => table.scrollTo(0, y), y);
      await page.waitForFunction(inSight);
      ok((await page.locator(".row").count()) <= 200, "rows in the page");
    }
    equal(await text(page, "#rows .row:last-child .n"), "100,000");
    await page.locator("#filters input[value=unparsed]").check();
    await idle(page);
    await page.locator("#rows .row").first().click();
    await page.waitForSelector("#details:not([hidden])");
    const trace = JSON.parse(await browser.stopTracing());
    const names = new Map();
    for (const event of trace.traceEvents) {
      if (event.name === "thread_name") names.set(`${event.pid} ${event.tid}`, event.args.name);
    }
    const tasks = trace.traceEvents.filter(
      (event) => event.ph === "X" && /RunTask$/.test(event.name) && names.get(`${event.pid} ${event.tid}`) === "CrRendererMain",
    );
    ok(tasks.length > 100, `${tasks.length} tasks`);
    // The time that the thread worked: on a machine with other work, it waits in between.
    const longest = Math.max(...tasks.map((event) => event.tdur ?? event.dur)) / 1000;
    ok(longest <= 50, `a task of ${longest} ms`);
    equal(page.faults, []);
    console.log(`longest task: ${longest} ms of ${tasks.length}`);
  },

  /** Nobody is left out: names, roles, colours, in both themes and on narrow screens. */
  async accessible(browser) {
    for (const dark of [false, true]) {
      for (const viewport of [{ width: 1280, height: 860 }, { width: 360, height: 740 }]) {
        const page = await open(browser, { viewport, dark });
        await page.locator("#rows .row").nth(2).click();
        await page.waitForSelector("#details:not([hidden])");
        await check(page, `${viewport.width} ${dark ? "dark" : "light"}`);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        ok(wider <= 0, `${viewport.width}: the page is ${wider} pixels too wide`);
        await configure(page, WRONG);
        await check(page, `${viewport.width} ${dark ? "dark" : "light"}, with a problem`);
        equal(page.faults, []);
        await page.context().close();
      }
    }

    async function check(page, where) {
      // The page's policy lets no other script in: the browser's own tools do.
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
      equal(found, [], where);
    }
  },

  /** Without a mouse. */
  async keyboard(browser) {
    const page = await open(browser);
    await page.focus("#table");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    equal(await text(page, "#details h2"), "Line 2");
    await page.keyboard.press("End");
    await page.waitForFunction(() => document.querySelector("#details h2").textContent === "Line 6");
    equal(await page.getAttribute("#table", "aria-activedescendant"), "row-5");
    // Tab leaves the editor.
    await page.click(".cm-content");
    await page.keyboard.press("Tab");
    ok(await page.evaluate(() => !document.activeElement.closest(".cm-editor")), "the editor lets go");
    equal(page.faults, []);
  },

  /** Keys, words and fields are completed. */
  async completion(browser) {
    const page = await open(browser);
    const options = async (written) => {
      await configure(page, written.slice(0, -1));
      await page.keyboard.press("Control+End");
      await page.keyboard.type(written.slice(-1));
      const list = page.locator(".cm-tooltip-autocomplete .cm-completionLabel");
      await list.first().waitFor();
      return list.allInnerTexts();
    };
    ok((await options("keep")).includes("keep_log"));
    ok((await options('keep_log = "al')).includes("always"));
    ok((await options("[[route]]\nna")).includes("name"));
    ok((await options("[[rou")).includes("route"));
    ok((await options("[[route]]\nmatch = { sta")).includes("status"));
    ok((await options("[destination.a]\nty")).includes("type"));
    ok((await options('[destination.a]\ntype = "fi')).includes("firehose"));
    ok((await options('[destination.shop]\n[[route]]\nto = ["sh')).includes("shop"));
    await page.keyboard.press("Escape");
    equal(page.faults, []);
  },

  /** Filters narrow the rows, and count beside each other. */
  async filters(browser) {
    const page = await open(browser);
    const count = (value) => page.locator(`#filters label:has(input[value="${value}"]) output`).innerText();
    equal([await count("access"), await count("unparsed"), await count("archive")], ["5", "1", "5"]);
    await page.locator("#filters input[value=failures]").check();
    await idle(page);
    equal(await text(page, "#summary"), "6 lines, 1 shown, 0 unparsed");
    equal([await count("access"), await count("cloudwatch"), await count("rest")], ["1", "1", "4"]);
    equal((await downloaded(page, "ndjson")).toString().trim().split("\n").length, 1);
    equal(page.faults, []);
  },

  /** The examples have nothing wrong in them, and show what they are called after. */
  async examples(browser) {
    const page = await open(browser);
    const shown = {};
    const options = await page.locator("#examples option").allInnerTexts();
    for (const label of options.slice(1)) {
      await page.selectOption("#examples", { label });
      await idle(page);
      equal(await page.locator("#problems li").count(), 0, label);
      equal(await text(page, "#notice"), "", label);
      const kinds = page.locator("#filters fieldset").first().locator("label");
      shown[label] = (await kinds.allInnerTexts()).map((kind) => kind.replace(/\s+/g, " ").trim());
    }
    equal(shown, {
      "Apache httpd: combined": ["access 5", "unparsed 1"],
      "Virtual hosts, with time taken": ["access 3"],
      "Apache httpd: error log": ["error 4"],
      Rails: ["rails 4"],
      "JSON lines": ["json 3", "unparsed 1"],
      "Stack traces": ["unparsed 2", "exception 1"],
    });
    equal(page.faults, []);
  },

  /** The pictures of the documentation. */
  async picture(browser) {
    const page = await open(browser, { viewport: { width: 1280, height: 860 } });
    await page.locator("#rows .row").nth(2).click();
    await page.waitForSelector("#details:not([hidden])");
    await page.screenshot({ path: given.argument });
  },
};

const browser = await chromium();
try {
  await scenarios[given.scenario](browser);
} finally {
  await browser.close();
}
