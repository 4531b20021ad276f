import type { StrategyName } from "../../../shared/api/settings.ts";
import type { Agent } from "../agent.ts";
import type { Clock, Timer } from "../deps.ts";
import { Affinity } from "./affinity.ts";
import { assess, type Fleet, type Machines, servableElsewhere } from "./assess.ts";
import { DrainRate } from "./drain-rate.ts";
import { type Demand, FairLine } from "./fair-line.ts";
import { type Grant, occupy } from "./grant.ts";
import type { Replica } from "./replica.ts";
import { auto } from "./strategies/auto.ts";
import { leastLoaded } from "./strategies/least-loaded.ts";
import { roundRobin } from "./strategies/round-robin.ts";
import type { Strategy } from "./strategies/strategy.ts";
import { weighted } from "./strategies/weighted.ts";
import type { Ticket } from "./ticket.ts";
import type { Refusal, Want } from "./want.ts";

const STRATEGIES: Record<StrategyName, Strategy> = {
  auto,
  "round-robin": roundRobin,
  "least-loaded": leastLoaded,
  weighted,
};

/** One that waits for a busy machine although another is free is looked at again this often, ms: machines may be late. */
const PATIENCE_MS = 1_000;
/** How long a look at the whole line answers questions about it, ms. */
const LOOK_MS = 1_000;
/** What a client is told to wait at most, seconds. */
const MOST_RETRY_S = 600;

export type Decision = { kind: "granted"; grant: Grant } | { kind: "refused"; refusal: Refusal };

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

export interface SchedulerOptions {
  clock: Clock;
  machines: Machines;
  strategy: () => StrategyName;
  queue: () => { max_length: number; timeout_s: number };
  windowMs: () => number;
}

type Verdict = Decision | { kind: "wait"; until: number };

/** Gives places on machines to requests, now or in turn. The only code that changes `inFlight`. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #line = new FairLine<Waiting>();
  readonly #affinity = new Affinity();
  /** How fast the lines get shorter, by model; as long as somebody stands in them. */
  readonly #rates = new Map<string, DrainRate>();
  /** Requests that wait, by model. */
  readonly #waiting = new Map<string, number>();
  #turns = 0;
  #tickets = 0;
  #spent = 0;
  #timer: { timer: Timer; at: number } | undefined;
  #seen: { at: number; places: Map<Want, Place> } | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#line.length;
  }

  ticket(): Ticket {
    return { arrived: this.#options.clock.now(), number: ++this.#tickets };
  }

  /** After a restart the rotation goes on where it was. */
  resumeTurns(highest: number): void {
    this.#turns = Math.max(this.#turns, highest);
  }

  /** Whether an agent other than `agent` could take this request at once or in turn. */
  servableElsewhere(want: Want, agent: Agent): boolean {
    return servableElsewhere(want, agent, this.#fleet());
  }

  /** How many wait for something that this agent has. */
  waitingFor(agent: Agent): number {
    let count = 0;
    for (const [model, waiting] of this.#waiting) if (agent.replica(model) !== undefined) count += waiting;
    return count;
  }

  /**
   * A place on a machine: `settle` is called once, now or in turn.
   * @returns leaves the line, when the client does: nothing is settled then, and nothing granted
   */
  acquire(want: Want, settle: (decision: Decision) => void): () => void {
    const key = demandOf(want);
    // Behind somebody who waits for the same, a newcomer has its turn after them, also where there is room.
    const verdict = this.#line.demand(key) === undefined ? this.#decide(want, 1) : undefined;
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
    // A retry had its place before the line was full: a lost agent must not cost it.
    if (this.#line.length >= max_length && want.avoid.size === 0) {
      return { code: "queue_full", retryAfterS: this.#drainedInS(1) };
    }
    if (this.#options.clock.now() - want.ticket.arrived < timeout_s * 1_000) return undefined;
    return this.#timedOut(want);
  }

  #timedOut({ model }: Want): Refusal {
    const rate = this.#rates.get(model)?.perSecond(this.#options.clock.now());
    const waiting = this.#waiting.get(model) ?? 1;
    const retryAfterS = rate === undefined ? undefined : retryAfter(waiting / rate);
    return { code: "queue_timeout", ...(retryAfterS === undefined ? {} : { retryAfterS }) };
  }

  /** Seconds until the whole line will have got shorter by so many. */
  #drainedInS(places: number): number {
    const now = this.#options.clock.now();
    let perSecond = 0;
    for (const rate of this.#rates.values()) perSecond += rate.perSecond(now) ?? 0;
    return perSecond > 0 ? retryAfter(places / perSecond) : UNKNOWN_RETRY_S;
  }

  #enter(waiter: Waiting, key: string, until: number | undefined): void {
    const { model, share } = waiter.want;
    const demand = this.#line.add(waiter, key, share);
    const count = this.#waiting.get(model) ?? 0;
    this.#waiting.set(model, count + 1);
    if (count === 0) this.#rates.set(model, new DrainRate(this.#options.clock.now()));
    if (until !== undefined) demand.until = until;
    // One more may be one too many for whoever waits for a busy machine here.
    else if (demand.until < Number.POSITIVE_INFINITY) this.#serve([demand]);
    this.#arm();
  }

  #leave(waiter: Waiting): void {
    const before = this.#line.length;
    this.#line.remove(waiter);
    if (this.#line.length === before) return;
    if (this.#line.length === 0) this.#seen = undefined;
    const { model } = waiter.want;
    const count = (this.#waiting.get(model) ?? 1) - 1;
    if (count > 0) this.#waiting.set(model, count);
    else {
      this.#waiting.delete(model);
      this.#rates.delete(model);
    }
  }

  #fleet(): Fleet {
    return {
      machines: this.#options.machines,
      now: this.#options.clock.now(),
      windowMs: this.#options.windowMs(),
    };
  }

  /** @param waiting how many wait for this model, this one counted */
  #decide(want: Want, waiting: number): Verdict {
    const fleet = this.#fleet();
    const assessment = assess(want, fleet);
    switch (assessment.kind) {
      case "wait":
        return { kind: "wait", until: assessment.until ?? Number.POSITIVE_INFINITY };
      case "refuse":
        return { kind: "refused", refusal: assessment.refusal };
      case "choose": {
        const { free, busy, only } = assessment;
        const named = want.pinned !== undefined ? "pinned" : only ? "only-holder" : undefined;
        if (named !== undefined) return { kind: "granted", grant: this.#grant(free[0], named, want) };
        const choice = STRATEGIES[this.#options.strategy()].choose({
          want,
          free,
          busy,
          waiting,
          sticky: this.#sticky(want, free),
          now: fleet.now,
        });
        if (choice === "wait") return { kind: "wait", until: fleet.now + PATIENCE_MS };
        return { kind: "granted", grant: this.#grant(choice.replica, choice.reason, want) };
      }
    }
  }

  #sticky(want: Want, free: readonly Replica[]): Agent | undefined {
    if (want.prefixes === undefined || want.prefixes.length === 0) return undefined;
    const instance = this.#affinity.find(want.prefixes);
    return free.find(({ agent }) => agent.tunnel?.instanceId === instance)?.agent;
  }

  #grant(replica: Replica, reason: string, want: Want): Grant {
    const { agent } = replica;
    if (!want.slot) return { agent, reason, release: () => {} };
    agent.turn = ++this.#turns;
    const stride = 1 / agent.record.weight;
    // One that was away has saved no turns up.
    agent.spent = Math.max(agent.spent, this.#spent - stride);
    this.#spent = Math.max(this.#spent, agent.spent);
    agent.spent += stride;
    if (want.remember !== undefined && agent.tunnel !== undefined) {
      this.#affinity.remember(want.remember, agent.tunnel.instanceId);
    }
    return occupy(replica, reason, {
      clock: this.#options.clock,
      numCtx: want.numCtx,
      again: want.avoid.has(agent.id),
      charge: this.#line.charge(want.share),
      freed: () => this.pump(agent),
    });
  }

  /**
   * Something changed that may let a waiting request go: a slot, an agent, a model, a setting, the time.
   * @param agent the only one that has changed, and only in what it can take
   */
  pump(agent?: Agent): void {
    if (this.#line.length === 0) return;
    const demands = [...this.#line.demands];
    this.#serve(agent === undefined ? demands : demands.filter((demand) => this.#concerns(agent, demand)));
    this.#expire();
    this.#rest();
  }

  /** Whether a slot that this agent has free may be for the first of these. */
  #concerns(agent: Agent, demand: Demand<Waiting>): boolean {
    const first = this.#line.next(demand);
    const replica = first === undefined ? undefined : agent.replica(first.want.model);
    return replica !== undefined && agent.takes(replica);
  }

  /** Lets go whoever can, in the order of turns; one demand that has to wait holds up no other. */
  #serve(demands: Demand<Waiting>[]): void {
    const order = demands.sort(this.#line.before);
    for (let demand = order.shift(); demand !== undefined; demand = order.shift()) {
      const first = this.#line.next(demand);
      if (first === undefined) continue;
      const verdict = this.#decide(first.want, this.#waiting.get(first.want.model) ?? 1);
      if (verdict.kind === "wait") {
        demand.until = verdict.until;
        continue;
      }
      if (verdict.kind === "granted") this.#rates.get(first.want.model)?.departed(this.#options.clock.now());
      this.#leave(first);
      // Its key has been charged, which may have changed whose turn it is everywhere.
      if (demand.size > 0) order.push(demand);
      order.sort(this.#line.before);
      first.settle(verdict);
    }
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
    for (const demand of this.#line.demands) at = Math.min(at, demand.until);
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
    return this.#line.inOrder().map(({ want }) => {
      const position = (positions.get(want.model) ?? 0) + 1;
      positions.set(want.model, position);
      const rate = this.#rates.get(want.model)?.perSecond(now);
      return { want, position, estimateMs: rate === undefined ? undefined : (position * 1_000) / rate };
    });
  }
}

/** While nothing has been measured, seconds. */
const UNKNOWN_RETRY_S = 5;

function retryAfter(seconds: number): number {
  return Math.min(MOST_RETRY_S, Math.max(1, Math.ceil(seconds)));
}

/** What has to be the same for one's turn to be everybody's. */
function demandOf({ model, since, slot, pinned, avoid, numCtx }: Want): string {
  return JSON.stringify([model, since, slot, pinned, numCtx, [...avoid].sort()]);
}
