import { request } from "node:http";
import type { AskOptions } from "./ask.ts";

/** When the parts of an answer came. */
export interface Pace {
  complete: boolean;
  text: string;
  /** From the first part to the last, ms. */
  lastedMs: number;
  /** Between one part and the next, ms. */
  gapsMs: number[];
}

/** Reads an answer and notes when each part of it came. */
export function readPace(options: AskOptions): Promise<Pace> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${options.key}`, "content-type": "application/json" };
    const sent = request(
      options.url + options.path,
      { method: "POST", agent: false, headers },
      (incoming) => {
        const times: number[] = [];
        let text = "";
        incoming.on("data", (chunk: Buffer) => {
          times.push(performance.now());
          text += chunk.toString();
        });
        incoming.on("error", () => {});
        incoming.on("close", () => {
          const gapsMs = times.slice(1).map((time, at) => time - (times[at] ?? time));
          const lastedMs = gapsMs.reduce((sum, gap) => sum + gap, 0);
          resolve({ complete: incoming.complete, text, lastedMs, gapsMs });
        });
      },
    );
    sent.on("error", reject);
    sent.end(JSON.stringify(options.body));
  });
}

/** @param share 0.5 is the median */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
