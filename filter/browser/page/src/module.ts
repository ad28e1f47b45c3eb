/** The packaged module, in the browser's own runtime: the exports that Fluent Bit calls. */
import type { Instance, Module } from "./engine/engine.js";

interface Exports {
  memory: WebAssembly.Memory;
  malloc(size: number): number;
  free(pointer: number): void;
  firelens_filter(
    tag: number,
    tagLength: number,
    seconds: number,
    nanoseconds: number,
    record: number,
    length: number,
  ): number;
}

/** Compiles the bytes of a `filter.wasm`. It is started without imports, as Fluent Bit does it. */
export function compile(bytes: Uint8Array<ArrayBuffer>): Module {
  const module = new WebAssembly.Module(bytes);
  return { start: () => new Running(new WebAssembly.Instance(module, {}).exports as unknown as Exports) };
}

class Running implements Instance {
  private bytes: Uint8Array;

  constructor(private readonly exports: Exports) {
    this.bytes = new Uint8Array(exports.memory.buffer);
  }

  malloc(size: number): number {
    return this.exports.malloc(size) >>> 0;
  }

  free(pointer: number): void {
    this.exports.free(pointer);
  }

  filter(
    tag: number,
    tagLength: number,
    seconds: number,
    nanoseconds: number,
    record: number,
    length: number,
  ): number {
    return this.exports.firelens_filter(tag, tagLength, seconds, nanoseconds, record, length) >>> 0;
  }

  write(at: number, bytes: Uint8Array): boolean {
    const memory = this.memory();
    if (at + bytes.length >= memory.length) {
      return false;
    }
    memory.set(bytes, at);
    memory[at + bytes.length] = 0;
    return true;
  }

  string(pointer: number): Uint8Array | undefined {
    const memory = this.memory();
    const end = pointer === 0 ? -1 : memory.indexOf(0, pointer);
    return end < 0 ? undefined : memory.subarray(pointer, end);
  }

  /** The memory as it is now: it moves when it grows. */
  private memory(): Uint8Array {
    if (this.bytes.buffer !== this.exports.memory.buffer) {
      this.bytes = new Uint8Array(this.exports.memory.buffer);
    }
    return this.bytes;
  }
}
