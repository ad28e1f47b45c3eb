/** The engine's own thread: the page stays quick whatever is run here. */
import { Session } from "./session.js";
import { bytesOf } from "./text.js";
import type { Answers, Reply, Request } from "./types.js";

let session: Session | undefined;
let text: Uint8Array = new Uint8Array();

const post = (reply: Reply, transfer: Transferable[] = []) => self.postMessage(reply, { transfer });

/** One after the other, in the order of their coming. */
let last: Promise<void> = Promise.resolve();

self.onmessage = (event: MessageEvent<Request & { id: number }>) => {
  const request = event.data;
  last = last.then(async () => {
    try {
      const answer = await answerTo(request);
      const transfer = answer instanceof Uint8Array ? [answer.buffer] : [];
      post({ id: request.id, answer }, transfer);
    } catch (error) {
      post({ id: request.id, error: error instanceof Error ? error.message : String(error) });
    }
  });
};

async function answerTo(request: Request & { id: number }): Promise<Answers[keyof Answers]> {
  if (request.ask === "start") {
    session = new Session(request.engine);
    return session.start();
  }
  if (!session) {
    throw new Error("The engine has not been started.");
  }
  switch (request.ask) {
    case "check":
      return session.check(request.source);
    case "run": {
      if (request.text !== undefined) {
        text = await bytesOf(request.text);
      }
      let said = 0;
      return session.run(text, request.origin, request.filter, (done) => {
        if (done - said > text.length / 50) {
          said = done;
          post({ id: request.id, done, of: text.length });
        }
      });
    }
    case "show":
      return session.show(request.filter);
    case "rows":
      return session.rows(request.from, request.count);
    case "details":
      return session.details(request.row);
    case "ndjson":
      return session.ndjson(request.explain);
    case "module":
      return session.module().slice();
  }
}
