import type { StrategyName } from "../../shared/api/settings.ts";
import type { Agent } from "./agent.ts";
import { assess, type Fleet } from "./assess.ts";
import type { Clock, Timer } from "./deps.ts";
import { FifoLine, type Ticket, type WaitingLine } from "./queue.ts";
import { leastLoaded } from "./strategies/least-loaded.ts";
import { roundRobin } from "./strategies/round-robin.ts";
import type { Strategy } from "./strategies/strategy.ts";
import type { Refusal, Want } from "./want.ts";

const STRATEGIES: Record<StrategyName, Strategy> = {
  "round-robin": roundRobin,
  "least-loaded": leastLoaded,
};

/** A place on an agent. Its holder calls `release` exactly when the request has ended; more often does no harm. */
export interface Grant {
  agent: Agent;
  reason: string;
  release(): void;
}

export type Decision = { kind: "granted"; grant: Grant } | { kind: "refused"; refusal: Refusal };

interface Waiting {
  readonly want: Want;
  readonly ticket: Ticket;
  readonly settle: (decision: Decision) => void;
}

export interface SchedulerOptions {
  clock: Clock;
  agents: () => Iterable<Agent>;
  strategy: () => StrategyName;
  queue: () => { max_length: number; timeout_s: number };
  windowMs: () => number;
}

/** Gives places on agents to requests, now or in turn. The only code that changes `inFlight`. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #line: WaitingLine<Waiting> = new FifoLine<Waiting>();
  #turns = 0;
  #tickets = 0;
  #timer: Timer | undefined;

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
    const fleet = this.#fleet();
    const others = [...fleet.agents].filter((other) => other !== agent);
    const assessment = assess(want, { ...fleet, agents: others });
    return assessment.kind === "choose" || (assessment.kind === "wait" && assessment.until === undefined);
  }

  /** How many wait for something that this agent has. */
  waitingFor(agent: Agent): number {
    let count = 0;
    for (const waiter of this.#line) if (agent.model(waiter.want.model) !== undefined) count++;
    return count;
  }

  /**
   * A place on an agent as soon as there is one. `gone` settles the wait when the client leaves: the request is then not in
   * the line any more, and nothing was granted.
   */
  acquire(want: Want, onGone: (leave: () => void) => void): Promise<Decision | undefined> {
    const decision = this.#decide(want);
    if (decision !== undefined) return Promise.resolve(decision);
    const { max_length, timeout_s } = this.#options.queue();
    // A retry had its place before the line was full: a lost agent must not cost it.
    if (this.#line.length >= max_length && want.avoid.size === 0) {
      return Promise.resolve({ kind: "refused", refusal: { code: "queue_full", retryAfterS: 5 } });
    }
    if (this.#options.clock.now() - want.ticket.arrived >= timeout_s * 1_000) {
      return Promise.resolve({ kind: "refused", refusal: { code: "queue_timeout" } });
    }
    return new Promise((resolve) => {
      const waiter: Waiting = {
        want,
        ticket: want.ticket,
        settle: (settled) => {
          this.#line.remove(waiter);
          resolve(settled);
        },
      };
      this.#line.add(waiter);
      onGone(() => {
        this.#line.remove(waiter);
        this.#arm();
        resolve(undefined);
      });
      this.#arm();
    });
  }

  #fleet(): Fleet {
    return {
      agents: this.#options.agents(),
      now: this.#options.clock.now(),
      windowMs: this.#options.windowMs(),
    };
  }

  /** Undefined: it has to wait. */
  #decide(want: Want): Decision | undefined {
    const assessment = assess(want, this.#fleet());
    switch (assessment.kind) {
      case "wait":
        return undefined;
      case "refuse":
        return { kind: "refused", refusal: assessment.refusal };
      case "choose": {
        const strategy = STRATEGIES[this.#options.strategy()];
        const agent = strategy.choose(assessment.candidates);
        const reason =
          want.pinned !== undefined ? "pinned" : assessment.only ? "only-holder" : strategy.reason;
        return { kind: "granted", grant: this.#grant(agent, reason, want.slot) };
      }
    }
  }

  #grant(agent: Agent, reason: string, slot: boolean): Grant {
    if (!slot) return { agent, reason, release: () => {} };
    agent.turn = ++this.#turns;
    agent.inFlight++;
    let held = true;
    return {
      agent,
      reason,
      release: () => {
        if (!held) return;
        held = false;
        agent.inFlight--;
        this.pump();
      },
    };
  }

  /** Something changed that may let a waiting request go: a slot, an agent, a model, a setting, the time. */
  pump(): void {
    if (this.#line.length === 0) return;
    const { timeout_s } = this.#options.queue();
    const now = this.#options.clock.now();
    for (const waiter of [...this.#line]) {
      const decision = this.#decide(waiter.want);
      if (decision !== undefined) waiter.settle(decision);
      else if (now - waiter.ticket.arrived >= timeout_s * 1_000) {
        waiter.settle({ kind: "refused", refusal: { code: "queue_timeout" } });
      }
    }
    this.#arm();
  }

  /** One timer for the whole line: the earliest moment at which time alone changes something. */
  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#line.length === 0) return;
    const fleet = this.#fleet();
    const timeoutMs = this.#options.queue().timeout_s * 1_000;
    let at = Number.POSITIVE_INFINITY;
    for (const waiter of this.#line) {
      const assessment = assess(waiter.want, fleet);
      const until = assessment.kind === "wait" ? (assessment.until ?? Number.POSITIVE_INFINITY) : fleet.now;
      at = Math.min(at, waiter.ticket.arrived + timeoutMs, until);
    }
    this.#timer = this.#options.clock.after(Math.max(0, at - fleet.now), () => this.pump());
  }
}
