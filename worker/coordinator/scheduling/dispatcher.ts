import type { ChoiceReason } from "../../../shared/api/choice-reasons.ts";
import type { StrategyName } from "../../../shared/api/settings.ts";
import type { Agent } from "../agent.ts";
import type { Clock } from "../deps.ts";
import { Affinity } from "./affinity.ts";
import { assess, canTake, type Fleet, type Machines, servableElsewhere } from "./assess.ts";
import { type Grant, occupy } from "./grant.ts";
import type { Replica } from "./replica.ts";
import { auto } from "./strategies/auto.ts";
import { leastLoaded } from "./strategies/least-loaded.ts";
import { roundRobin } from "./strategies/round-robin.ts";
import type { Strategy } from "./strategies/strategy.ts";
import { weighted } from "./strategies/weighted.ts";
import type { Refusal, Want } from "./want.ts";

const STRATEGIES: Record<StrategyName, Strategy> = {
  auto,
  "round-robin": roundRobin,
  "least-loaded": leastLoaded,
  weighted,
};

/** One that waits for a busy machine although another is free is looked at again this often, ms: machines may be late. */
const PATIENCE_MS = 1_000;
/** As many machines are asked what time it is for a newcomer: a thousand that serve one model are served evenly. */
const MOST_LOOKS = 64;

export type Decision = { kind: "granted"; grant: Grant } | { kind: "refused"; refusal: Refusal };

/** `until`: when time alone may change it, ms; infinite: never. */
export type Verdict = Decision | { kind: "wait"; until: number };

export interface DispatcherOptions<Turn> {
  clock: Clock;
  machines: Machines;
  strategy: () => StrategyName;
  windowMs: () => number;
  /** Requests that wait for a model. */
  waitingFor: (model: string) => number;
  /** A request begins on this machine, having waited for its turn or not. */
  charge: (want: Want, agent: Agent, turn: Turn | undefined) => (cost: number) => void;
  /** A slot of this machine is free. */
  freed: (agent: Agent) => void;
}

/** Decides about one request at a time: where it goes, that it has to wait, or why it cannot be served. The only code that changes `inFlight`. */
export class Dispatcher<Turn> {
  readonly #options: DispatcherOptions<Turn>;
  readonly #affinity = new Affinity();
  #turns = 0;
  #spent = 0;

  constructor(options: DispatcherOptions<Turn>) {
    this.#options = options;
  }

  /** After a restart the rotation goes on where it was. */
  resumeTurns(highest: number): void {
    this.#turns = Math.max(this.#turns, highest);
  }

  /** Whether an agent other than `agent` could take this request at once or in turn. */
  servableElsewhere(want: Want, agent: Agent): boolean {
    return servableElsewhere(want, agent, this.#fleet());
  }

  #fleet(): Fleet {
    return {
      machines: this.#options.machines,
      now: this.#options.clock.now(),
      windowMs: this.#options.windowMs(),
    };
  }

  /**
   * The fair queue's time at the machines that may serve this: that of those that serve anybody now, since what it is at others may
   * be far from it; where all are lost or at rest, theirs.
   */
  present(want: Want): number {
    const { machines } = this.#options;
    const pinned = want.pinned === undefined ? undefined : machines.get(want.pinned);
    if (pinned !== undefined) return pinned.present;
    const { loaded, cold } = machines.holders(want.model);
    let busy: number | undefined;
    let idle = 0;
    let looks = MOST_LOOKS;
    for (const { agents } of [loaded, cold]) {
      for (const { inFlight, present } of agents) {
        if (looks-- === 0) return busy ?? idle;
        if (inFlight > 0) busy = Math.max(busy ?? 0, present);
        else idle = Math.max(idle, present);
      }
    }
    return busy ?? idle;
  }

  /**
   * @param waiting how many wait for this model, this one counted
   * @param demand what it waits for, where it does
   */
  decide(want: Want, waiting: number, demand?: Turn): Verdict {
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
        if (named !== undefined) return { kind: "granted", grant: this.#grant(free[0], named, want, demand) };
        const choice = STRATEGIES[this.#options.strategy()].choose({
          want,
          free,
          busy,
          waiting,
          sticky: this.#sticky(want, fleet),
          now: fleet.now,
          waitingFor: this.#options.waitingFor,
        });
        if (choice === "wait") return { kind: "wait", until: fleet.now + PATIENCE_MS };
        return { kind: "granted", grant: this.#grant(choice.replica, choice.reason, want, demand) };
      }
    }
  }

  #sticky(want: Want, fleet: Fleet): Replica | undefined {
    const home = want.prefixes === undefined ? undefined : this.#affinity.find(want.prefixes);
    if (home === undefined) return undefined;
    const agent = fleet.machines.get(home.agentId);
    const replica = agent?.replica(want.model);
    if (replica === undefined || agent?.tunnel?.instanceId !== home.instanceId) return undefined;
    return canTake(want, replica, fleet) ? replica : undefined;
  }

  #grant(replica: Replica, reason: ChoiceReason, want: Want, demand: Turn | undefined): Grant {
    const { agent } = replica;
    if (!want.slot) return { agent, reason, release: () => {} };
    agent.turn = ++this.#turns;
    const stride = 1 / agent.record.weight;
    // One that was away has saved no turns up.
    agent.spent = Math.max(agent.spent, this.#spent - stride);
    this.#spent = Math.max(this.#spent, agent.spent);
    agent.spent += stride;
    if (want.remember !== undefined && agent.tunnel !== undefined) {
      const { instanceId } = agent.tunnel;
      this.#affinity.remember(want.remember, { agentId: agent.id, instanceId });
    }
    return occupy(replica, reason, {
      clock: this.#options.clock,
      numCtx: want.numCtx,
      again: want.avoid.has(agent.id),
      charge: this.#options.charge(want, agent, demand),
      freed: () => this.#options.freed(agent),
    });
  }
}
