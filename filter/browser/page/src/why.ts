/** Why a line became what it did, as a picture: the formats that were tried, and the routes whose conditions were looked at. */
import { svg } from "./dom.js";
import type { Details } from "./types.js";

const WIDTH = 460;
const LINE = 16;
const PAD = 7;
const GAP = 14;
/** Characters in a row of text: about as many as fit. */
const FITS = 66;

interface Box {
  sort: "yes" | "no" | "end";
  lines: string[];
}

export function why(details: Details): SVGElement {
  const boxes = [...formats(details), ...routes(details), end(details)];
  let y = 1;
  const made: SVGElement[] = [];
  boxes.forEach((box, index) => {
    const height = box.lines.length * LINE + 2 * PAD;
    if (index > 0) {
      made.push(svg("path", { d: `M 18 ${y} v ${GAP} m -4 -5 l 4 5 l 4 -5` }));
      y += GAP;
    }
    made.push(drawn(box, y, height));
    y += height;
  });
  const title = svg("title", {}, boxes.map((box) => box.lines.join(", ")).join("; "));
  return svg("svg", { class: "why", viewBox: `0 0 ${WIDTH} ${y + 1}`, width: WIDTH, height: y + 1, role: "img" }, title, ...made);
}

function formats({ explain }: Details): Box[] {
  if (explain.formats.length === 0) {
    return [{ sort: "no", lines: ["No format is bound to this container and stream"] }];
  }
  return explain.formats.map((tried) => {
    const where = tried.container ? ` (${tried.container} ${tried.stream})` : "";
    const lines = [tried.format + where];
    if (tried.fits) {
      lines.push("fits");
    } else if (tried.column) {
      const expected = tried.expected ? `expected ${quoted(tried.expected)}` : "does not fit";
      lines.push(`column ${tried.column}: ${expected}${tried.gave_up ? "; gave up there" : ""}`);
    } else {
      lines.push("does not fit");
    }
    return { sort: tried.fits ? "yes" : "no", lines };
  });
}

/** What a format expects at its own end is said in words, everything else in the format's own. */
function quoted(expected: string): string {
  return expected === "the line's end" ? expected : `\`${expected}\``;
}

function routes({ explain }: Details): Box[] {
  const boxes: Box[] = [];
  for (const name of new Set(explain.conditions.map((condition) => condition.route))) {
    const own = explain.conditions.filter((condition) => condition.route === name);
    const lines = own.map(({ held, condition, value }) => {
      const found = value === null || value === undefined ? "absent" : JSON.stringify(value);
      return `${held ? "✓" : "✗"} ${condition}: ${found}`;
    });
    boxes.push({ sort: name === explain.route ? "yes" : "no", lines: [`route ${name}`, ...lines] });
  }
  return boxes;
}

function end({ explain, fate, why: lost, to }: Details): Box {
  const route = explain.route === null ? "no route" : `route ${explain.route}`;
  const where = { kept: to?.length ? `to ${to.join(", ")}` : "kept", dropped: "dropped", lost: `lost: ${lost}` }[fate];
  return { sort: "end", lines: [`${route} → ${where}`] };
}

function drawn({ sort, lines }: Box, y: number, height: number): SVGElement {
  const sign = { yes: "✓", no: "✗", end: "" }[sort];
  const texts = lines.map((text, index) =>
    svg(
      "text",
      { x: sign ? 32 : 12, y: y + PAD + 12 + index * LINE, ...(index > 0 ? { class: "dim" } : {}) },
      text.length > FITS ? `${text.slice(0, FITS)}…` : text,
    ),
  );
  const mark = sign ? svg("text", { x: 11, y: y + PAD + 12, class: "m" }, sign) : null;
  return svg("g", { class: sort }, svg("rect", { x: 1, y, width: WIDTH - 2, height, rx: 5 }), mark, ...texts);
}
