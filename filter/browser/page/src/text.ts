/** What was pasted or dropped, as bytes: unpacked, and refused in one sentence when it is no text or too much. */

/** The most that is run, unpacked. */
export const LIMIT = 50 * 1000 * 1000;

/** How much is looked at to tell a binary file from a log. */
const LOOKED_AT = 64 * 1024;

export async function bytesOf(given: ArrayBuffer | Blob): Promise<Uint8Array> {
  const blob = given instanceof Blob ? given : new Blob([given]);
  const head = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  if (!gzip && blob.size > LIMIT) {
    throw new Error(tooBig(`${megabytes(blob.size)}`));
  }
  const bytes = gzip ? await unpacked(blob) : new Uint8Array(await blob.arrayBuffer());
  if (bytes.subarray(0, LOOKED_AT).includes(0)) {
    throw new Error("This is a binary file, not a log: it has NUL bytes. Drop a text file, plain or gzip.");
  }
  return bytes;
}

async function unpacked(blob: Blob): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = (blob.stream() as ReadableStream<Uint8Array<ArrayBuffer>>)
    .pipeThrough(new DecompressionStream("gzip"))
    .getReader();
  for (;;) {
    let piece;
    try {
      piece = await reader.read();
    } catch {
      throw new Error("The gzip file is damaged or cut off. Try `gzip -t` on it, and copy it again.");
    }
    if (piece.done) {
      break;
    }
    size += piece.value.length;
    if (size > LIMIT) {
      void reader.cancel();
      throw new Error(tooBig(`more than ${megabytes(LIMIT)}, unpacked`));
    }
    pieces.push(piece.value);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function tooBig(size: string): string {
  return `This file has ${size}; the playground takes up to ${megabytes(LIMIT)}. \`firelens-kit test\` takes any size.`;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
}
