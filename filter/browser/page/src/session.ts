/** One configuration and one text at a time, through the engine. What the worker does, without the worker. */
import { initSync, Reading, Run, fields_json, schema_json } from "./engine/engine.js";
import { compile } from "./module.js";
import type { Answers, Checked, Filter, Origin, Shown } from "./types.js";

/** How much of the text goes to the engine at once: about as long as a frame. */
const PIECE = 64 * 1024;

export class Session {
  private reading?: Reading;
  private run_?: Run;
  private packaged?: Uint8Array<ArrayBuffer>;

  /** Starts the engine. */
  constructor(engine: BufferSource) {
    initSync({ module: engine });
  }

  start(): Answers["start"] {
    return { schema: JSON.parse(schema_json()), fields: JSON.parse(fields_json()) };
  }

  /** Reads a firelens.toml. A good one is used from now on; a wrong one leaves what was there. */
  check(source: string): Checked {
    const reading = new Reading(source);
    const problems = JSON.parse(reading.problems);
    if (!reading.good) {
      reading.free();
      return { good: false, problems, summary: null, bytes: 0 };
    }
    this.reading?.free();
    this.reading = reading;
    this.packaged = reading.module() as Uint8Array<ArrayBuffer>;
    return { good: true, problems, summary: JSON.parse(reading.summary), bytes: this.packaged.length };
  }

  /** The module of the last good firelens.toml. */
  module(): Uint8Array<ArrayBuffer> {
    if (!this.packaged) {
      throw new Error("There is no firelens.toml without errors yet.");
    }
    return this.packaged;
  }

  /** Runs a text through that module; `at` hears how far it is, and may wait. */
  async run(
    text: Uint8Array,
    origin: Origin,
    filter: Filter,
    at: (done: number) => Promise<void> | void = () => {},
  ): Promise<Shown> {
    if (!this.reading) {
      throw new Error("There is no firelens.toml without errors yet.");
    }
    const run = new Run(this.reading, compile(this.module()), JSON.stringify(origin));
    try {
      for (let from = 0; from < text.length; from += PIECE) {
        run.push(text.subarray(from, from + PIECE));
        await at(Math.min(from + PIECE, text.length));
      }
      run.end();
    } catch (error) {
      run.free();
      throw error;
    }
    this.run_?.free();
    this.run_ = run;
    return this.show(filter);
  }

  show(filter: Filter): Shown {
    return JSON.parse(this.current().show(JSON.stringify(filter)));
  }

  rows(from: number, count: number): Answers["rows"] {
    return JSON.parse(this.current().rows(from, count));
  }

  details(row: number): Answers["details"] {
    const details = this.current().details(row);
    return details === undefined ? null : JSON.parse(details);
  }

  /** The rows that are shown, as `firelens-kit test --format ndjson` prints them. */
  ndjson(explain: boolean): Uint8Array<ArrayBuffer> {
    return this.current().ndjson(explain) as Uint8Array<ArrayBuffer>;
  }

  private current(): Run {
    if (!this.run_) {
      throw new Error("No lines have been run yet.");
    }
    return this.run_;
  }
}
