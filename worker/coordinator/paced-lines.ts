import type { Clock, Timer } from "./deps.ts";

/** Between two lines of one machine about one layer, ms: four a second are enough for an eye. */
export const LINE_MS = 250;
/** Lines of one machine that may wait; beyond it the machine is not read until they are gone. */
const MAX_WAITING = 64;

interface Line {
  layer: string;
  status: unknown;
  value: object;
}

/** One machine's lines: in order, each layer at its own pace. */
interface Lane {
  waiting: Line[];
  /** When the next line about a layer may go, ms. */
  due: Map<string, number>;
  held: (() => void)[];
  /** While lines wait. A lane has its own, so that a line costs the same with a thousand machines as with one. */
  timer: Timer | undefined;
}

/**
 * Slows progress to what a person can read, without losing how it ended: of a layer's lines that come too fast the newest
 * counts, and one stands for the last of each layer and each status.
 */
export class PacedLines {
  readonly #clock: Clock;
  readonly #emit: (value: object) => void;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes in which lines wait. */
  #pending = 0;
  #idle: (() => void) | undefined;
  #stopped = false;

  constructor(clock: Clock, emit: (value: object) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  push(agent: string, value: object): void {
    if (this.#stopped) return;
    const lane = this.#lane(agent);
    const status = "status" in value ? value.status : undefined;
    const line: Line = { layer: String("digest" in value ? value.digest : status), status, value };
    const at = lane.waiting.findLastIndex(({ layer }) => layer === line.layer);
    if (at >= 0 && lane.waiting[at]?.status === status) lane.waiting[at] = line;
    else lane.waiting.push(line);
    if (lane.timer === undefined) this.#send(lane);
  }

  /** Calls `taken` once the machine's lines are not too many: one that only talks must not fill the memory. */
  whenTaken(agent: string, taken: () => void): void {
    const lane = this.#lane(agent);
    if (lane.waiting.length < MAX_WAITING) taken();
    else lane.held.push(taken);
  }

  /** Resolves when nothing waits any more, or after `stop`. Call once. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle = resolve;
      if (this.#pending === 0) resolve();
    });
  }

  /** Nobody listens any more. */
  stop(): void {
    this.#stopped = true;
    for (const lane of this.#lanes.values()) lane.timer?.cancel();
    this.#lanes.clear();
    this.#pending = 0;
    this.#idle?.();
  }

  #lane(agent: string): Lane {
    let lane = this.#lanes.get(agent);
    if (lane === undefined) {
      lane = { waiting: [], due: new Map(), held: [], timer: undefined };
      this.#lanes.set(agent, lane);
    }
    return lane;
  }

  /** Sends what is due, and sets the timer for what is not. */
  #send(lane: Lane): void {
    const now = this.#clock.now();
    for (let line = lane.waiting[0]; line !== undefined; line = lane.waiting[0]) {
      const due = lane.due.get(line.layer) ?? 0;
      if (due > now) {
        lane.timer = this.#clock.after(due - now, () => this.#wake(lane));
        this.#pending++;
        return;
      }
      lane.waiting.shift();
      this.#emit(line.value);
      for (const [layer, at] of lane.due) if (at <= now) lane.due.delete(layer);
      lane.due.set(line.layer, now + LINE_MS);
    }
    for (const taken of lane.held.splice(0)) taken();
  }

  #wake(lane: Lane): void {
    lane.timer = undefined;
    this.#pending--;
    this.#send(lane);
    if (this.#pending === 0) this.#idle?.();
  }
}
