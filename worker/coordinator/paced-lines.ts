import type { Clock, Timer } from "./deps.ts";

/** Between two lines of one machine about one layer, ms: four a second are enough for an eye. */
export const LINE_MS = 250;
/** Lines of one machine that may wait; beyond it the machine is not read until they are gone. */
const MAX_WAITING = 64;
/** Layers of one machine that are paced at a time; more than any model has, and a machine may invent as many as it likes. */
const MAX_LAYERS = 256;

interface Line {
  layer: string;
  status: unknown;
  value: object;
}

/** One machine's lines: in order, each layer at its own pace. */
interface Lane {
  waiting: Set<Line>;
  /** Of those, the last about each layer. */
  last: Map<string, Line>;
  /** When the next line about a layer may go, ms; soonest first, since each is put behind the others when it is set. */
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
  /** Lanes in which lines wait, or are held back. */
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
    const layer = String("digest" in value ? value.digest : status);
    const last = lane.last.get(layer);
    if (last !== undefined && last.status === status) {
      last.value = value;
      return;
    }
    const line: Line = { layer, status, value };
    lane.waiting.add(line);
    lane.last.set(layer, line);
    if (lane.timer === undefined) this.#send(lane);
  }

  /** Calls `taken` once the machine's lines are not too many: one that only talks must not fill the memory. */
  whenTaken(agent: string, taken: () => void): void {
    const lane = this.#lane(agent);
    if (lane.waiting.size < MAX_WAITING && lane.due.size < MAX_LAYERS) {
      taken();
      return;
    }
    lane.held.push(taken);
    if (lane.timer === undefined) this.#send(lane);
  }

  /** Lines that wait, machines that are held and layers that are paced, for tests. */
  get kept(): number {
    let sum = 0;
    for (const { waiting, due, held } of this.#lanes.values()) sum += waiting.size + due.size + held.length;
    return sum;
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
      lane = { waiting: new Set(), last: new Map(), due: new Map(), held: [], timer: undefined };
      this.#lanes.set(agent, lane);
    }
    return lane;
  }

  /** Sends what is due, and sets the timer for what is not. */
  #send(lane: Lane): void {
    const now = this.#clock.now();
    for (const [layer, at] of lane.due) {
      if (at > now) break;
      lane.due.delete(layer);
    }
    for (const line of lane.waiting) {
      const due = lane.due.get(line.layer);
      if (due !== undefined) {
        this.#sleep(lane, due - now);
        return;
      }
      lane.waiting.delete(line);
      if (lane.last.get(line.layer) === line) lane.last.delete(line.layer);
      this.#emit(line.value);
      lane.due.set(line.layer, now + LINE_MS);
    }
    const [soonest] = lane.due.values();
    if (lane.held.length > 0 && soonest !== undefined && lane.due.size >= MAX_LAYERS) {
      this.#sleep(lane, soonest - now);
      return;
    }
    for (const taken of lane.held.splice(0)) taken();
  }

  #sleep(lane: Lane, ms: number): void {
    lane.timer = this.#clock.after(ms, () => this.#wake(lane));
    this.#pending++;
  }

  #wake(lane: Lane): void {
    lane.timer = undefined;
    this.#pending--;
    this.#send(lane);
    if (this.#pending === 0) this.#idle?.();
  }
}
