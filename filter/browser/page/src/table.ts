/** The table of results. Only the rows in sight are in the page, however many there are. */
import { element } from "./dom.js";
import type { Row } from "./types.js";

const HEIGHT = 24;
/** Rows above and below those in sight. */
const MARGIN = 20;
/** Rows that are in the page, at most. */
const MOST = 150;
/** Browsers make no element taller than some millions of pixels; beyond that, the scrollbar's steps are longer. */
const TALLEST = 8_000_000;

export class Table {
  private total = 0;
  private active = -1;
  private chosen = -1;
  private readonly cache = new Map<number, Row>();
  private generation = 0;
  private asked = "";
  private frame = 0;

  constructor(
    private readonly grid: HTMLElement,
    private readonly rows: HTMLElement,
    private readonly fetch: (from: number, count: number) => Promise<Row[]>,
    private readonly choose: (row: number) => void,
  ) {
    grid.addEventListener("scroll", () => this.soon());
    new ResizeObserver(() => this.soon()).observe(grid);
    grid.addEventListener("keydown", (event) => this.key(event));
    rows.addEventListener("click", (event) => {
      const at = (event.target as Element).closest<HTMLElement>("[data-at]")?.dataset["at"];
      if (at !== undefined) this.activate(Number(at), true);
    });
  }

  /** There are other rows now. */
  reset(total: number): void {
    this.total = total;
    this.generation++;
    this.cache.clear();
    this.asked = "";
    this.active = -1;
    this.chosen = -1;
    this.grid.scrollTop = 0;
    this.grid.setAttribute("aria-rowcount", String(total + 1));
    this.grid.removeAttribute("aria-activedescendant");
    this.rows.style.height = `${this.height}px`;
    this.draw();
  }

  private get height(): number {
    return Math.min(this.total * HEIGHT, TALLEST);
  }

  /** The first row in sight. */
  private get first(): number {
    const room = this.height - this.grid.clientHeight;
    const real = this.total * HEIGHT - this.grid.clientHeight;
    const top = room > 0 ? (this.grid.scrollTop / room) * real : 0;
    return Math.max(0, Math.min(this.total - 1, Math.floor(Math.min(top, real) / HEIGHT)));
  }

  private soon(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    const inSight = Math.ceil(this.grid.clientHeight / HEIGHT) + 1;
    const from = Math.max(0, this.first - MARGIN);
    const to = Math.min(this.total, from + Math.min(MOST, inSight + 2 * MARGIN));
    const missing = Array.from({ length: to - from }, (_, index) => from + index).some((at) => !this.cache.has(at));
    if (missing) void this.load(from, to - from);
    // Where rows were compressed to fit, they stand relative to the first one in sight.
    const shift = this.grid.scrollTop - this.first * HEIGHT;
    const compressed = this.total * HEIGHT > TALLEST;
    const made = [];
    for (let at = from; at < to; at++) {
      made.push(this.row(at, this.cache.get(at), at * HEIGHT + (compressed ? shift : 0)));
    }
    this.rows.replaceChildren(...made);
  }

  private async load(from: number, count: number): Promise<void> {
    const asked = `${this.generation} ${from} ${count}`;
    if (asked === this.asked) return;
    this.asked = asked;
    const generation = this.generation;
    const rows = await this.fetch(from, count);
    if (generation !== this.generation) return;
    if (this.cache.size > 20 * MOST) this.cache.clear();
    rows.forEach((row, index) => this.cache.set(from + index, row));
    this.soon();
  }

  private row(at: number, row: Row | undefined, top: number): HTMLElement {
    const cell = (text: string, kind = "") =>
      element("span", { role: "gridcell", ...(kind ? { class: kind } : {}) }, text);
    const cells = row
      ? [
          cell(row.number.toLocaleString("en"), "n"),
          cell(row.kind, `k-${row.kind}`),
          cell(row.status?.toString() ?? row.level ?? "", row.status ? `s${Math.floor(row.status / 100)}` : ""),
          cell(row.route ?? "none", row.route === null ? "none" : ""),
          row.dropped ? cell("dropped", "none") : row.lost ? cell("lost", "k-error") : cell(row.to.join(", ") || "–"),
          cell(row.line, "t"),
        ]
      : [cell((at + 1).toLocaleString("en"), "n")];
    const made = element(
      "div",
      {
        role: "row",
        id: `row-${at}`,
        class: at === this.chosen ? "row chosen" : "row",
        "data-at": String(at),
        "aria-rowindex": String(at + 2),
        "aria-selected": String(at === this.chosen),
      },
      ...cells,
    );
    made.style.top = `${top}px`;
    return made;
  }

  private activate(at: number, choose: boolean): void {
    this.active = Math.max(0, Math.min(this.total - 1, at));
    if (choose) {
      this.chosen = this.active;
      const row = this.cache.get(this.active);
      if (row) this.choose(row.row);
    }
    this.draw();
    this.grid.setAttribute("aria-activedescendant", `row-${this.active}`);
  }

  private key(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.grid.clientHeight / HEIGHT) - 2);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const step = steps[event.key];
    const to =
      step !== undefined ? this.active + step : event.key === "Home" ? 0 : event.key === "End" ? this.total - 1 : null;
    if (to === null || this.total === 0) return;
    event.preventDefault();
    this.bring(Math.max(0, Math.min(this.total - 1, to)));
    this.activate(to, true);
  }

  /** Scrolls until a row is in sight. */
  private bring(at: number): void {
    const first = this.first;
    const fit = Math.floor(this.grid.clientHeight / HEIGHT) - 2;
    if (at >= first && at < first + fit) return;
    const top = at < first ? at : at - fit + 1;
    const real = this.total * HEIGHT - this.grid.clientHeight;
    const room = this.height - this.grid.clientHeight;
    this.grid.scrollTop = real > 0 ? ((top * HEIGHT) / real) * room : 0;
  }
}
