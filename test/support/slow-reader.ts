import { type IncomingMessage, request } from "node:http";
import type { AskOptions } from "./ask.ts";

/** A client that stops reading as soon as its answer begins. */
export interface SlowReader {
  /** Reads on to the end; what came in all, and whether HTTP says that it is complete. */
  readOn(): Promise<{ bytes: number; complete: boolean; tail: string }>;
}

const TAIL_CHARS = 1_000;

/** Resolves when the answer has begun; from then on nothing is read, and TCP holds the sender back. */
export function startSlowReader(options: AskOptions): Promise<SlowReader> {
  return new Promise((resolve, reject) => {
    const sent = request(
      options.url + options.path,
      {
        method: "POST",
        agent: false,
        headers: { authorization: `Bearer ${options.key}`, "content-type": "application/json" },
      },
      // Without a listener for data the message fills its small buffer and the socket is read no more.
      (incoming) => resolve({ readOn: () => readOn(incoming) }),
    );
    sent.on("error", reject);
    sent.end(JSON.stringify(options.body));
  });
}

function readOn(incoming: IncomingMessage): Promise<{ bytes: number; complete: boolean; tail: string }> {
  let bytes = 0;
  let tail = "";
  return new Promise((resolve) => {
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      tail = (tail + chunk.subarray(-TAIL_CHARS).toString()).slice(-TAIL_CHARS);
    });
    incoming.on("error", () => {});
    incoming.on("close", () => resolve({ bytes, complete: incoming.complete, tail }));
  });
}
