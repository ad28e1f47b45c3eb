/** What may be written at a place of a firelens.toml, by its JSON Schema. No editor in here. */
import type { Known } from "./types.js";

/** As much of JSON Schema as `firelens-kit schema` uses. */
export interface Schema {
  $ref?: string;
  description?: string;
  type?: string;
  enum?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: Schema[];
  allOf?: Schema[];
  definitions?: Record<string, Schema>;
}

export interface Option {
  label: string;
  detail?: string;
  info?: string;
  /** What is written; the label where it is not said. */
  apply?: string;
}

export interface Completion {
  /** Where the word begins that is completed. */
  from: number;
  options: Option[];
}

const HEADER = /^\s*\[{1,2}\s*([A-Za-z0-9_.\-"' ]+?)\s*\]{1,2}/;

export class Completer {
  constructor(
    private readonly schema: Schema,
    private readonly fields: Known[],
  ) {}

  /** For a cursor at the end of `before`. */
  complete(before: string): Completion | null {
    const start = before.lastIndexOf("\n") + 1;
    const line = before.slice(start);
    if (inComment(line)) {
      return null;
    }
    const header = /^\s*(\[{1,2})\s*([\w.\-]*)$/.exec(line);
    if (header) {
      return this.header(before, header[1] === "[[", header[2] ?? "");
    }
    const path = this.path(before.slice(0, start));
    const inline = openKeys(line);
    const word = /[\w\-]*$/.exec(line)?.[0] ?? "";
    const from = before.length - word.length;
    if (inline.value) {
      return this.value(before, path, inline.keys, from);
    }
    if (inline.keys.length === 0 && !/^\s*[\w\-]*$/.test(line)) {
      return null;
    }
    return this.keys(this.tables(path.concat(inline.keys)), from);
  }

  /** The names of the table that a line is in. */
  private path(before: string): string[] {
    const lines = before.split("\n");
    for (let at = lines.length - 1; at >= 0; at--) {
      const found = HEADER.exec(lines[at] ?? "");
      if (found) {
        return (found[1] ?? "").split(".").map((name) => name.trim().replace(/^["']|["']$/g, ""));
      }
    }
    return [];
  }

  private header(before: string, many: boolean, written: string): Completion | null {
    const names = written.split(".");
    const word = names.pop() ?? "";
    const found = this.tables(names).flatMap((table) => Object.entries(table.properties ?? {}));
    const options = found
      .filter(([, schema]) => (many ? this.isList(schema) : this.isTable(schema)))
      .map(([label, schema]) => ({ label, info: schema.description }));
    return options.length === 0 ? null : { from: before.length - word.length, options };
  }

  private keys(tables: Schema[], from: number): Completion | null {
    const options = new Map<string, Option>();
    for (const table of tables) {
      for (const [label, schema] of Object.entries(table.properties ?? {})) {
        options.set(label, { label, detail: this.sort(schema), info: schema.description, apply: `${label} = ` });
      }
      // Conditions are about fields, which the schema does not name.
      if (this.isMatch(table)) {
        this.fields.forEach(({ name, description }) => {
          options.set(name, { label: name, detail: "field", info: description, apply: `${name} = ` });
        });
      }
    }
    return options.size === 0 ? null : { from, options: [...options.values()] };
  }

  private value(before: string, path: string[], keys: string[], from: number): Completion | null {
    const schemas = this.at(path.concat(keys));
    const quoted = before[from - 1] === '"' || before[from - 1] === "'";
    const labels = schemas.flatMap((schema) => schema.enum ?? []).filter((word) => typeof word === "string");
    if (keys.at(-1) === "to") {
      labels.push(...[...before.matchAll(/^\s*\[destination\.([\w\-]+)\]/gm)].map((found) => found[1] ?? ""));
    }
    const options: Option[] = labels.map((label) => ({ label, apply: quoted ? label : `"${label}"` }));
    if (!quoted && schemas.some((schema) => schema.type === "boolean")) {
      options.push({ label: "true" }, { label: "false" });
    }
    return options.length === 0 ? null : { from, options };
  }

  /** What a schema is, followed through references and choices. */
  private open(schema: Schema | undefined): Schema[] {
    if (!schema) {
      return [];
    }
    const named = schema.$ref ? this.schema.definitions?.[schema.$ref.replace("#/definitions/", "")] : undefined;
    const others = [...(schema.anyOf ?? []), ...(schema.allOf ?? []), ...(schema.items ? [schema.items] : [])];
    return [...(named ? this.open(named) : []), schema, ...others.flatMap((other) => this.open(other))];
  }

  /** What stands under a path of names. */
  private at(path: string[]): Schema[] {
    return path.reduce<Schema[]>((found, name) => {
      const under = found.flatMap((schema) => {
        const own = schema.properties?.[name];
        const other = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
        return [own ?? other];
      });
      return under.flatMap((schema) => this.open(schema));
    }, this.open(this.schema));
  }

  private tables(path: string[]): Schema[] {
    return this.at(path).filter((schema) => schema.properties || this.isMatch(schema));
  }

  private isMatch(schema: Schema): boolean {
    return schema === this.schema.definitions?.["match"];
  }

  private isTable(schema: Schema): boolean {
    const map = typeof schema.additionalProperties === "object";
    return !schema.items && (map || this.open(schema).some((one) => one.properties));
  }

  private isList(schema: Schema): boolean {
    return this.open(schema).some((one) => one.items && this.open(one.items).some((item) => item.properties));
  }

  private sort(schema: Schema): string {
    const sorts = this.open(schema).map((one) => (one.enum ? "word" : one.properties ? "table" : one.type));
    return [...new Set(sorts.filter((sort) => sort !== undefined))].join(" or ");
  }
}

function inComment(line: string): boolean {
  return /^[^"']*#/.test(line.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '""'));
}

/** The keys of inline tables that are open at the end of a line, and whether a value is being written. */
function openKeys(line: string): { keys: string[]; value: boolean } {
  const plain = line.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, (text) => "_".repeat(text.length));
  const keys: string[] = [];
  let key = "";
  let value = false;
  const words = /([\w.\-]+)\s*=|[{},[\]]/g;
  for (let found = words.exec(plain); found; found = words.exec(plain)) {
    switch (found[0]) {
      case "{":
        if (key) keys.push(key);
        key = "";
        value = false;
        break;
      case "}":
        key = keys.pop() ?? "";
        value = false;
        break;
      case ",":
        // In a list, the value goes on.
        value = value && plain.lastIndexOf("[", found.index) > plain.lastIndexOf("=", found.index);
        if (!value) key = "";
        break;
      case "[":
        break;
      case "]":
        value = false;
        break;
      default:
        key = found[1] ?? "";
        value = true;
    }
  }
  return { keys: value && key ? [...keys, key] : keys, value };
}
