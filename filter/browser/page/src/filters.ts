/** The filters beside the table: what there is of each kind, route, destination and field, and how often. */
import { element } from "./dom.js";
import type { Filter, List, Shown } from "./types.js";

const TITLES: [List, string, string][] = [
  ["kinds", "Kind", ""],
  ["routes", "Route", "no route"],
  ["destinations", "Destination", "none, or dropped"],
  ["fields", "Field", ""],
];

/** Fields that are shown at once; a field that was chosen is always shown. */
const FIELDS = 60;

export function nothing(): Filter {
  return { kinds: [], routes: [], destinations: [], fields: [] };
}

export class Filters {
  filter: Filter = nothing();

  constructor(
    private readonly parent: HTMLElement,
    private readonly changed: () => void,
  ) {
    parent.addEventListener("change", (event) => {
      const box = event.target as HTMLInputElement;
      const list = this.filter[box.name as List];
      const without = list.filter((name) => name !== box.value);
      this.filter[box.name as List] = box.checked ? [...without, box.value] : without;
      this.changed();
    });
  }

  /** Draws them with these counts. The one that has the focus keeps it. */
  show(shown: Shown): void {
    const focused = document.activeElement?.id ?? "";
    const lists = TITLES.map(([list, title, none]) => {
      const counts = shown.counts[list];
      const chosen = this.filter[list];
      const names = [...new Set([...Object.keys(counts), ...chosen])].sort(
        (a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || (a < b ? -1 : 1),
      );
      const kept = names.filter((name, at) => at < FIELDS || chosen.includes(name));
      const boxes = kept.map((name, at) => {
        const id = `${list}-${at}`;
        const box = element("input", { type: "checkbox", id, name: list, value: name });
        box.checked = chosen.includes(name);
        const number = element("output", { for: id }, (counts[name] ?? 0).toLocaleString("en"));
        return element("label", { title: name || none }, box, element("span", {}, name || none), number);
      });
      return boxes.length === 0 ? null : element("fieldset", {}, element("legend", {}, title), ...boxes);
    });
    this.parent.replaceChildren(...lists.filter((list) => list !== null));
    document.getElementById(focused)?.focus();
  }
}
