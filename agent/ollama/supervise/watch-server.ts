import type { Clock } from "../../core/clock.ts";
import type { Probe } from "../find/probe.ts";
import { pause } from "./pause.ts";
import type { Root } from "./processes/process-tree.ts";
import type { Wish } from "./wish.ts";

export const WATCH = {
  probe_ms: 2_000,
  /** Between two questions whether it is there yet. */
  ready_look_ms: 100,
  /** For its first answer; looking for GPUs may take it a minute. */
  ready_ms: 120_000,
  /** Questions in a row that must stay unanswered before it counts as hung. */
  silent_times: 2,
  silent_look_ms: 2_000,
} as const;

export interface WatchOptions {
  clock: Clock;
  probe: Probe;
  root: Root;
  url: string;
  /** Somebody wants it to end. */
  stop: Wish;
  /** Somebody found it hung. */
  hung: Wish;
  /** Looks for itself that often, milliseconds; undefined: somebody else does. */
  lookEveryMs: number | undefined;
  ready(version: string): void;
}

/** Why watching is over; the server may still be there. */
export type Over =
  | { type: "ended"; how: string }
  | { type: "hung" }
  /** It never answered. */
  | { type: "late" }
  | { type: "stop" };

/** Waits for its first answer, and then until it ends, hangs or shall stop. Never rejects. */
export async function watchServer(options: WatchOptions): Promise<Over> {
  const { root, stop, hung } = options;
  let result: Over | undefined;
  const over = Promise.race([
    root.ended.then((how): Over => ({ type: "ended", how })),
    stop.made.then((): Over => ({ type: "stop" })),
    hung.made.then((): Over => ({ type: "hung" })),
  ]).then((value) => {
    result = value;
    return value;
  });
  const current = (): Over | undefined => result;
  const version = await firstAnswer(options, over, current);
  const already = current();
  if (already !== undefined) return already;
  if (version === undefined) return { type: "late" };
  options.ready(version);
  return options.lookEveryMs === undefined ? over : lookAgain(options, options.lookEveryMs, over, current);
}

/** Undefined when it gives none in time, or it is over before. */
async function firstAnswer(
  { clock, probe, url }: WatchOptions,
  over: Promise<Over>,
  current: () => Over | undefined,
): Promise<string | undefined> {
  const until = clock.now() + WATCH.ready_ms;
  while (current() === undefined && clock.now() < until) {
    const probed = await Promise.race([probe(url, WATCH.probe_ms), over]);
    if (probed.type === "ollama") return probed.version;
    if (current() === undefined) await pause(clock, WATCH.ready_look_ms, over);
  }
  return undefined;
}

async function lookAgain(
  { clock, probe, url }: WatchOptions,
  everyMs: number,
  over: Promise<Over>,
  current: () => Over | undefined,
): Promise<Over> {
  let silent = 0;
  for (;;) {
    // One that loads a large model answers late; once is no proof.
    await pause(clock, silent > 0 ? Math.min(everyMs, WATCH.silent_look_ms) : everyMs, over);
    const probed = current() ?? (await Promise.race([probe(url, WATCH.probe_ms), over]));
    const ended = current();
    if (ended !== undefined) return ended;
    silent = probed.type === "ollama" ? 0 : silent + 1;
    if (silent >= WATCH.silent_times) return { type: "hung" };
  }
}
