/** The worker, seen from the page. */
import type { Answers, Reply, Request } from "./types.js";

interface Waiting {
  resolve(answer: never): void;
  reject(error: Error): void;
  at?: (done: number, of: number) => void;
}

export class Client {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;

  /** Starts a worker from its text: there is no file beside the page. */
  constructor(source: string) {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.worker = new Worker(url);
    this.worker.onmessage = (event: MessageEvent<Reply>) => this.hear(event.data);
    this.worker.onerror = (event) => {
      const error = new Error(`The engine stopped: ${event.message}. Reload the page.`);
      this.waiting.forEach((waiting) => waiting.reject(error));
      this.waiting.clear();
    };
  }

  /** Asks for something; what is in `transfer` goes over, and is gone here. */
  ask<A extends Request["ask"]>(
    request: Extract<Request, { ask: A }>,
    more: { transfer?: Transferable[]; at?: (done: number, of: number) => void } = {},
  ): Promise<Answers[A]> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as Waiting["resolve"], reject, at: more.at });
      this.worker.postMessage({ ...request, id }, more.transfer ?? []);
    });
  }

  private hear(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    if (!waiting) {
      return;
    }
    if ("done" in reply) {
      waiting.at?.(reply.done, reply.of);
      return;
    }
    this.waiting.delete(reply.id);
    if ("error" in reply) {
      waiting.reject(new Error(reply.error));
    } else {
      waiting.resolve(reply.answer as never);
    }
  }
}
