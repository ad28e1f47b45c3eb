/** A line that was chosen: its text with a colour for each field, the fields, and why. */
import { element } from "./dom.js";
import type { Details, Field } from "./types.js";
import { why } from "./why.js";

/** Colours that fields take in turn. */
const COLOURS = 8;
/** As much of a line is shown. */
const LONGEST = 20_000;

export function show(aside: HTMLElement, details: Details, close: () => void): void {
  const placed = details.fields.filter((field) => field.place !== null);
  const colour = new Map(placed.map((field, index) => [field, index % COLOURS]));
  const button = element("button", { type: "button", "aria-label": "Close" }, "✕");
  button.addEventListener("click", close);
  const head = element("h2", {}, `Line ${details.number.toLocaleString("en")}`);
  const rows = details.fields.map((field, index) => row(field, index, colour.get(field)));
  const what = details.fate === "kept" ? "Fields" : details.fate === "dropped" ? "Fields, if it were not dropped" : "Fields";
  const parts = [
    element("div", { class: "top" }, head, button),
    element("pre", { class: "line", tabindex: "0", role: "region", "aria-label": "The line, its fields marked" }, ...marked(details, colour)),
    ...(details.why ? [element("p", { class: "notice" }, `The record was lost: ${details.why}`)] : []),
    element("h3", {}, what),
    element("table", {}, element("tbody", {}, ...rows)),
    element("h3", {}, "Why"),
    why(details),
  ];
  aside.replaceChildren(...parts);
  light(aside);
}

/** The line, cut where fields begin and end. */
function marked({ line, fields }: Details, colour: Map<Field, number>): (Node | string)[] {
  const places = fields
    .map((field, index) => ({ field, index, place: field.place }))
    .filter((one): one is typeof one & { place: [number, number] } => one.place !== null && one.place[1] <= LONGEST)
    .sort((a, b) => a.place[0] - b.place[0]);
  const parts: (Node | string)[] = [];
  let at = 0;
  for (const { field, index, place } of places) {
    parts.push(line.slice(at, place[0]));
    const shown = { class: `c${colour.get(field)}`, "data-field": String(index), title: field.key };
    parts.push(element("mark", shown, line.slice(...place)));
    at = place[1];
  }
  parts.push(line.slice(at, Math.max(at, LONGEST)));
  if (line.length > LONGEST) parts.push(`… ${(line.length - LONGEST).toLocaleString("en")} more characters`);
  return parts;
}

function row(field: Field, index: number, colour: number | undefined): HTMLElement {
  const swatch = element("i", colour === undefined ? { class: "plain" } : { class: `c${colour}` });
  const value = field.value.length > LONGEST ? `${field.value.slice(0, LONGEST)}…` : field.value;
  return element(
    "tr",
    { "data-field": String(index), class: field.made ? "made" : "given" },
    element("th", { scope: "row" }, swatch, field.key),
    element("td", {}, value),
  );
}

/** What is under the pointer is lit in the line and in the table. */
function light(aside: HTMLElement): void {
  const set = (event: Event) => {
    const field = (event.target as Element).closest?.<HTMLElement>("[data-field]")?.dataset["field"];
    aside.querySelectorAll(".lit").forEach((lit) => lit.classList.remove("lit"));
    if (field !== undefined) {
      aside.querySelectorAll(`[data-field="${field}"]`).forEach((one) => one.classList.add("lit"));
    }
  };
  aside.onmouseover = set;
  aside.onmouseleave = set;
}
