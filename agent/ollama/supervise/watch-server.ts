import type { Clock } from "../../core/clock.ts";
import type { Probe } from "../find/probe.ts";
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
  const ending = new Ending(options);
  try {
    return await watchUntil(options, ending);
  } finally {
    ending.close();
  }
}

async function watchUntil(options: WatchOptions, ending: Ending): Promise<Over> {
  const version = await firstAnswer(options, ending);
  if (ending.over !== undefined) return ending.over;
  if (version === undefined) return { type: "late" };
  options.ready(version);
  return options.lookEveryMs === undefined ? ending.reached : lookAgain(options, options.lookEveryMs, ending);
}

/** Undefined when it gives none in time, or it is over before. */
async function firstAnswer({ clock, probe, url }: WatchOptions, ending: Ending): Promise<string | undefined> {
  const until = clock.now() + WATCH.ready_ms;
  while (ending.over === undefined && clock.now() < until) {
    const probed = await ending.or(probe(url, WATCH.probe_ms));
    if (probed?.type === "ollama") return probed.version;
    await ending.sleep(clock, WATCH.ready_look_ms);
  }
  return undefined;
}

async function lookAgain(
  { clock, probe, url }: WatchOptions,
  everyMs: number,
  ending: Ending,
): Promise<Over> {
  for (let silent = 0; silent < WATCH.silent_times; ) {
    // One that loads a large model answers late; once is no proof.
    await ending.sleep(clock, silent > 0 ? Math.min(everyMs, WATCH.silent_look_ms) : everyMs);
    if (ending.over !== undefined) break;
    const probed = await ending.or(probe(url, WATCH.probe_ms));
    silent = probed?.type === "ollama" ? 0 : silent + 1;
  }
  return ending.over ?? { type: "hung" };
}

/** What ends the watching, whenever it comes; a wait that it cut short, or did not, leaves nothing with it. */
class Ending {
  readonly reached: Promise<Over>;
  #over: Over | undefined;
  #wake = (): void => {};
  #forget: readonly (() => void)[] = [];

  constructor({ root, stop, hung }: WatchOptions) {
    this.reached = new Promise((resolve) => {
      const reach = (over: Over): void => {
        this.#over ??= over;
        this.#wake();
        resolve(this.#over);
      };
      void root.ended.then((how) => reach({ type: "ended", how }));
      if (stop.isMade) reach({ type: "stop" });
      this.#forget = [stop.when(() => reach({ type: "stop" })), hung.when(() => reach({ type: "hung" }))];
    });
  }

  close(): void {
    for (const forget of this.#forget) forget();
  }

  get over(): Over | undefined {
    return this.#over;
  }

  sleep(clock: Clock, ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#over !== undefined) return resolve();
      const cancel = clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Undefined when it is over before. */
  or<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      if (this.#over !== undefined) return resolve(undefined);
      this.#wake = () => resolve(undefined);
      void promise.then(resolve);
    });
  }
}
