/** What the engine says, and what page and worker say to each other. */

/** Something that is wrong with a firelens.toml; `from` and `to` count UTF-16 units. */
export interface Problem {
  severity: "error" | "warning";
  code: string;
  message: string;
  label: string;
  help: string | null;
  from: number;
  to: number;
  line: number;
  column: number;
  related: { from: number; to: number; line: number; label: string } | null;
}

/** What a firelens.toml is about. */
export interface Summary {
  name: string | null;
  containers: string[];
  routes: { name: string; to: string[] }[];
}

/** Where lines come from, as the options of `firelens-kit test` say it. */
export interface Origin {
  container?: string;
  stream?: string;
  input?: "auto" | "lines" | "records";
}

/** Which rows are shown; an empty list holds for all. */
export interface Filter {
  kinds: string[];
  routes: string[];
  destinations: string[];
  fields: string[];
}

export type List = keyof Filter;

/** The rows that are shown, in numbers. */
export interface Shown {
  lines: number;
  all: number;
  shown: number;
  counts: Record<List, Record<string, number>>;
  unclear: boolean;
  too_long: { line: number; bytes: number; limit: number } | null;
}

/** A row of the table. */
export interface Row {
  row: number;
  number: number;
  line: string;
  kind: string;
  status: number | null;
  level: string | null;
  route: string | null;
  to: string[];
  dropped: boolean;
  lost: boolean;
}

export interface Field {
  key: string;
  /** As it is written in the record. */
  value: string;
  made: boolean;
  place: [number, number] | null;
}

/** A row, with all that there is to say about it. */
export interface Details {
  row: number;
  number: number;
  fate: "kept" | "dropped" | "lost";
  why?: string;
  line: string;
  record: string;
  fields: Field[];
  route: string | null;
  to: string[] | null;
  explain: Explanation;
}

export interface Explanation {
  formats: {
    format: string;
    fits: boolean;
    container?: string;
    stream?: string;
    column?: number;
    expected?: string;
    gave_up?: boolean;
  }[];
  conditions: { route: string; condition: string; value: unknown; held: boolean }[];
  route: string | null;
}

/** What a configuration turned out to be. */
export interface Checked {
  good: boolean;
  problems: Problem[];
  summary: Summary | null;
  /** The size of its module. */
  bytes: number;
}

/** A field that conditions can be about. */
export interface Known {
  name: string;
  description: string;
}

/** What the page asks of the worker. Each is answered once, in order. */
export type Request =
  | { ask: "start"; engine: ArrayBuffer }
  | { ask: "check"; source: string }
  /** The text stays with the worker; without one, the last text is taken again. */
  | { ask: "run"; origin: Origin; filter: Filter; text?: ArrayBuffer | Blob }
  | { ask: "show"; filter: Filter }
  | { ask: "rows"; from: number; count: number }
  | { ask: "details"; row: number }
  | { ask: "ndjson"; explain: boolean }
  | { ask: "module" };

export interface Answers {
  start: { schema: object; fields: Known[] };
  check: Checked;
  run: Shown;
  show: Shown;
  rows: Row[];
  details: Details | null;
  ndjson: Uint8Array<ArrayBuffer>;
  module: Uint8Array<ArrayBuffer>;
}

/** What the worker says: an answer, an error in one sentence, or how far it is. */
export type Reply =
  | { id: number; answer: Answers[keyof Answers] }
  | { id: number; error: string }
  | { id: number; done: number; of: number };
