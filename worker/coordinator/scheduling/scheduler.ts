import type { Agent } from "../agent.ts";
import type { Timer } from "../deps.ts";
import { type Decision, Dispatcher, type DispatcherOptions } from "./dispatcher.ts";
import { Drain } from "./drain.ts";
import { type Demand, FairLine } from "./fair-line.ts";
import { Heap } from "./heap.ts";
import type { Ticket } from "./ticket.ts";
import type { Refusal, Want } from "./want.ts";

/** How long a look at the whole line answers questions about it, ms. */
const LOOK_MS = 1_000;

/** A request that waits. */
export interface Waiting {
  readonly want: Want;
  readonly ticket: Ticket;
  readonly settle: (decision: Decision) => void;
}

/** Where a request stands that waits. */
export interface Place {
  want: Want;
  /** 1 is the next of those that wait for the same model. */
  position: number;
  /** Until its turn is expected to come, ms; undefined while nothing has been measured. */
  estimateMs: number | undefined;
}

export interface SchedulerOptions
  extends Pick<DispatcherOptions<never>, "clock" | "machines" | "strategy" | "windowMs"> {
  queue: () => { max_length: number; timeout_s: number };
}

/** Gives places on machines to requests, now or in turn. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #line = new FairLine<Waiting, Agent>(
    (server, { want }) =>
      server.replica(want.model) !== undefined && (want.pinned === undefined || want.pinned === server.id),
  );
  readonly #dispatcher: Dispatcher<Demand<Waiting>>;
  readonly #drain = new Drain();
  /** Demands about which time alone may decide otherwise, by when. */
  readonly #untils = new Heap<Demand<Waiting>>((a, b) => a.until - b.until);
  #tickets = 0;
  #timer: { timer: Timer; at: number } | undefined;
  #seen: { at: number; places: Map<Want, Place> } | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#dispatcher = new Dispatcher({
      ...options,
      waitingFor: (model) => this.#drain.waiting(model),
      charge: (want, agent, demand) => this.#line.charge(want.share, agent, want.model, demand),
      freed: (agent) => this.pump(agent),
    });
  }

  get waiting(): number {
    return this.#line.length;
  }

  ticket(): Ticket {
    return { arrived: this.#options.clock.now(), number: ++this.#tickets };
  }

  resumeTurns(highest: number): void {
    this.#dispatcher.resumeTurns(highest);
  }

  servableElsewhere(want: Want, agent: Agent): boolean {
    return this.#dispatcher.servableElsewhere(want, agent);
  }

  /** Models that somebody waits for, and how many do. */
  queue(): Iterable<[model: string, waiting: number]> {
    return this.#drain;
  }

  /** How many wait for something that this agent has. */
  waitingFor(agent: Agent): number {
    let count = 0;
    for (const [model, waiting] of this.#drain) if (agent.replica(model) !== undefined) count += waiting;
    return count;
  }

  /**
   * A place on a machine: `settle` is called once, now or in turn.
   * @returns leaves the line, when the client does: nothing is settled then, and nothing granted
   */
  acquire(want: Want, settle: (decision: Decision) => void): () => void {
    const key = demandOf(want);
    // Behind somebody who waits for the same, a newcomer has its turn after them, also where there is room.
    const behind = this.#line.demand(key) !== undefined;
    const verdict = behind ? undefined : this.#dispatcher.decide(want, this.#drain.waiting(want.model) + 1);
    if (verdict !== undefined && verdict.kind !== "wait") {
      settle(verdict);
      return () => {};
    }
    const refusal = this.#noRoom(want);
    if (refusal !== undefined) {
      settle({ kind: "refused", refusal });
      return () => {};
    }
    const waiter: Waiting = { want, ticket: want.ticket, settle };
    this.#enter(waiter, key, verdict?.until);
    return () => {
      this.#leave(waiter);
      this.#rest();
    };
  }

  #noRoom(want: Want): Refusal | undefined {
    const { max_length, timeout_s } = this.#options.queue();
    const now = this.#options.clock.now();
    // A retry had its place before the line was full: a lost agent must not cost it.
    if (this.#line.length >= max_length && want.avoid.size === 0) {
      return { code: "queue_full", retryAfterS: this.#drain.roomInS(now) };
    }
    return now - want.ticket.arrived < timeout_s * 1_000 ? undefined : this.#timedOut(want);
  }

  #timedOut({ model }: Want): Refusal {
    const retryAfterS = this.#drain.emptyInS(model, this.#options.clock.now());
    return { code: "queue_timeout", ...(retryAfterS === undefined ? {} : { retryAfterS }) };
  }

  #enter(waiter: Waiting, key: string, until: number | undefined): void {
    const { model, share } = waiter.want;
    const demand = this.#line.add(waiter, key, share, model, this.#dispatcher.present(waiter.want));
    this.#drain.entered(model, this.#options.clock.now());
    if (until !== undefined) this.#lookAgain(demand, until);
    // One more may be one too many for whoever waits for a busy machine here.
    else if (demand.until < Number.POSITIVE_INFINITY) this.#serve([demand]);
    if (this.#line.length > 0) this.#arm();
    else this.#rest();
  }

  #leave(waiter: Waiting): void {
    const demand = this.#line.remove(waiter);
    if (demand === undefined) return;
    if (demand.size === 0) this.#untils.remove(demand);
    if (this.#line.length === 0) this.#seen = undefined;
    this.#drain.left(waiter.want.model);
  }

  /**
   * Something changed that may let a waiting request go: a slot, an agent, a model, a setting, the time.
   * @param agent the only one that has changed, and only in what it can take
   */
  pump(agent?: Agent): void {
    if (this.#line.length === 0) return;
    if (agent === undefined) this.#serve([...this.#line.demands]);
    else this.#serveAt(agent);
    this.#expire();
    this.#rest();
  }

  /** A slot of this agent is free: as a rule for one, so that looking who that is must not cost a sort of all. */
  #serveAt(agent: Agent): void {
    for (;;) {
      let next: Demand<Waiting> | undefined;
      for (const demand of this.#line.demands) {
        if (!this.#concerns(agent, demand)) continue;
        if (next === undefined || this.#line.before(demand, next) < 0) next = demand;
      }
      if (next === undefined) return;
      if (this.#serveFirst(next)) continue;
      // It waits for another machine, so this one is for whoever comes after it.
      const others = [...this.#line.demands].filter((each) => each !== next && this.#concerns(agent, each));
      this.#serve(others);
      return;
    }
  }

  /** Whether a slot that this agent has free may be for the first of these. */
  #concerns(agent: Agent, demand: Demand<Waiting>): boolean {
    const first = this.#line.next(demand);
    const replica = first === undefined ? undefined : agent.replica(first.want.model);
    return replica !== undefined && agent.takes(replica);
  }

  /** Lets go whoever can, in the order of turns; one demand that has to wait holds up no other. */
  #serve(order: Demand<Waiting>[]): void {
    order.sort(this.#line.before);
    for (let demand = order.shift(); demand !== undefined; demand = order.shift()) {
      if (!this.#serveFirst(demand)) continue;
      // Its key has been charged, which may have changed whose turn it is everywhere.
      if (demand.size > 0) order.push(demand);
      order.sort(this.#line.before);
    }
  }

  /** Whether the first of these is gone, with a place or without. */
  #serveFirst(demand: Demand<Waiting>): boolean {
    const first = this.#line.next(demand);
    if (first === undefined) return false;
    const { model } = first.want;
    const verdict = this.#dispatcher.decide(first.want, this.#drain.waiting(model), demand);
    if (verdict.kind === "wait") {
      this.#lookAgain(demand, verdict.until);
      return false;
    }
    if (verdict.kind === "granted") this.#drain.served(model, this.#options.clock.now());
    this.#leave(first);
    first.settle(verdict);
    return true;
  }

  /** @param until ms; infinite: time changes nothing */
  #lookAgain(demand: Demand<Waiting>, until: number): void {
    demand.until = until;
    if (until === Number.POSITIVE_INFINITY) this.#untils.remove(demand);
    else if (this.#untils.has(demand)) this.#untils.moved(demand);
    else this.#untils.add(demand);
  }

  #expire(): void {
    const { timeout_s } = this.#options.queue();
    const now = this.#options.clock.now();
    for (let oldest = this.#line.oldest; oldest !== undefined; oldest = this.#line.oldest) {
      if (now - oldest.ticket.arrived < timeout_s * 1_000) break;
      const refusal = this.#timedOut(oldest.want);
      this.#leave(oldest);
      oldest.settle({ kind: "refused", refusal });
    }
  }

  /** One timer for the whole line: the earliest moment at which time alone changes something. */
  #arm(): void {
    const { oldest } = this.#line;
    if (oldest === undefined) return;
    let at = oldest.ticket.arrived + this.#options.queue().timeout_s * 1_000;
    at = Math.min(at, this.#untils.first?.until ?? at);
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.timer.cancel();
    const timer = this.#options.clock.after(Math.max(0, at - this.#options.clock.now()), () => {
      this.#timer = undefined;
      this.pump();
    });
    this.#timer = { timer, at };
  }

  /** Somebody has left the line, or a look at it is over. */
  #rest(): void {
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#arm();
  }

  /** Where one of them stands; undefined when it does not wait. Many ask at once: an answer holds for a second. */
  placeOf(want: Want): Place | undefined {
    const now = this.#options.clock.now();
    if (this.#seen === undefined || now - this.#seen.at >= LOOK_MS || !this.#seen.places.has(want)) {
      this.#seen = { at: now, places: new Map(this.places().map((place) => [place.want, place])) };
    }
    return this.#seen.places.get(want);
  }

  /** Everybody who waits, in the order in which their turns are expected; O(n log n). */
  places(): Place[] {
    const now = this.#options.clock.now();
    const positions = new Map<string, number>();
    return this.#line
      .inOrder((waiter) => waiter.want.model)
      .map(({ want }) => {
        const position = (positions.get(want.model) ?? 0) + 1;
        positions.set(want.model, position);
        const rate = this.#drain.perSecond(want.model, now);
        return { want, position, estimateMs: rate === undefined ? undefined : (position * 1_000) / rate };
      });
  }
}

/** What has to be the same for one's turn to be everybody's. */
function demandOf({ model, since, slot, pinned, avoid, numCtx }: Want): string {
  return JSON.stringify([model, since, slot, pinned, numCtx, [...avoid].sort()]);
}
