/** The state of the page in the fragment of its address, which no browser sends to a server. */

/** What a link holds. */
export interface State {
  config: string;
  lines: string;
  container?: string;
  stream?: string;
}

/** The longest fragment that is made, in characters: some programs cut longer links. */
export const LONGEST = 64 * 1024;

/** `#1` and the state: packed, in the alphabet of URLs. */
export async function toFragment(state: State): Promise<string> {
  const packed = await through(new TextEncoder().encode(JSON.stringify(state)), new CompressionStream("deflate-raw"));
  let text = "";
  for (let at = 0; at < packed.length; at += 0x8000) {
    text += String.fromCharCode(...packed.subarray(at, at + 0x8000));
  }
  return `#1${btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** The state in a fragment; null when there is none, and an error when it is damaged. */
export async function fromFragment(fragment: string): Promise<State | null> {
  if (!fragment.startsWith("#1")) {
    return null;
  }
  try {
    const packed = Uint8Array.from(atob(fragment.slice(2).replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const state: unknown = JSON.parse(new TextDecoder().decode(await through(packed, new DecompressionStream("deflate-raw"))));
    if (isState(state)) {
      return state;
    }
  } catch {
    // Said below.
  }
  throw new Error("This link is damaged: it was cut off, or changed on its way. Ask for it again.");
}

function isState(state: unknown): state is State {
  const some = state as State;
  const text = (value: unknown) => value === undefined || typeof value === "string";
  return typeof some?.config === "string" && typeof some.lines === "string" && text(some.container) && text(some.stream);
}

/** The most that a link may unpack to: it can come from anybody. */
const MOST = 16 * 1000 * 1000;

async function through(bytes: Uint8Array<ArrayBuffer>, transform: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const reader = (new Blob([bytes]).stream() as ReadableStream<Uint8Array<ArrayBuffer>>)
    .pipeThrough(transform as ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>)
    .getReader();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    size += piece.value.length;
    if (size > MOST) {
      void reader.cancel();
      throw new Error("too much");
    }
    pieces.push(piece.value);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}
