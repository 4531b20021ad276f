import type { StrategyName } from "../../shared/api/settings.ts";
import { canonicalName } from "../../shared/lib/model-name.ts";
import { Registry } from "../../worker/coordinator/registry.ts";
import type { Decision } from "../../worker/coordinator/scheduling/dispatcher.ts";
import { Scheduler } from "../../worker/coordinator/scheduling/scheduler.ts";
import type { Ticket } from "../../worker/coordinator/scheduling/ticket.ts";
import type { Refusal } from "../../worker/coordinator/scheduling/want.ts";
import type { Demand, Stream } from "./arrivals.ts";
import { churn } from "./churn.ts";
import type { FleetSpec, SimModel } from "./fleet.ts";
import { Gate } from "./gate.ts";
import { type Flight, Host } from "./host.ts";
import { restoreMeasures } from "./measured.ts";
import { randomOf } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** A client whose request failed and sends one after the other tries its next one not before, ms. */
const LEAST_PAUSE_MS = 1_000;

/** What became of a request; one that comes again after its key's limit turned it away is another. Times in ms since the start. */
export interface Outcome {
  readonly demand: Demand;
  readonly arrivedMs: number;
  /** In the line, over all attempts. */
  waitedMs: number;
  /** When it got the place that it was answered from. */
  grantedMs: number;
  endedMs: number;
  attempts: number;
  /** Where it was answered, and which rule chose that; empty when it was not. */
  machine: string;
  reason: string;
  error: Refusal["code"] | "rate_limited" | undefined;
}

/** A request on its way through its attempts. */
interface Passage {
  readonly id: string;
  readonly ticket: Ticket;
  readonly outcome: Outcome;
  /** @param retryAfterS what a limit that turned it away says */
  readonly ended: (retryAfterS?: number) => void;
}

/** How things stood from a moment on. */
export interface Moment {
  readonly atMs: number;
  readonly waiting: number;
  /** Slots that are held. */
  readonly busy: number;
}

export interface Run {
  readonly strategy: StrategyName;
  /** In the order in which they ended. */
  readonly outcomes: readonly Outcome[];
  readonly timeline: readonly Moment[];
  readonly machines: readonly { id: string; class: string; slots: number; busyMs: number }[];
  readonly coldLoads: number;
  readonly lost: number;
}

/** One strategy, one fleet, all requests: the brain's own scheduler, in virtual time. */
export function run(
  scenario: Scenario,
  fleet: FleetSpec,
  streams: readonly Stream[],
  strategy: StrategyName,
): Run {
  return new Simulation(scenario, fleet, streams, strategy).run();
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #streams: readonly Stream[];
  readonly #strategy: StrategyName;
  readonly #clock = new VirtualClock();
  readonly #registry = new Registry();
  readonly #scheduler: Scheduler;
  readonly #gate: Gate;
  readonly #hosts = new Map<string, Host>();
  readonly #models: ReadonlyMap<string, SimModel>;
  readonly #outcomes: Outcome[] = [];
  readonly #timeline: Moment[] = [];
  #busy = 0;
  #left: number;
  #lost = 0;
  #sent = 0;

  constructor(scenario: Scenario, fleet: FleetSpec, streams: readonly Stream[], strategy: StrategyName) {
    this.#scenario = scenario;
    this.#streams = streams;
    this.#strategy = strategy;
    this.#models = new Map(fleet.models.map((model) => [model.name, model]));
    this.#left = streams.reduce((sum, { demands }) => sum + demands.length, 0);
    this.#scheduler = new Scheduler({
      clock: this.#clock,
      machines: this.#registry,
      strategy: () => strategy,
      queue: () => scenario.queue,
      windowMs: () => scenario.resume_window_s * 1_000,
    });
    this.#gate = new Gate(scenario, this.#clock);
    for (const spec of fleet.machines) {
      const host = new Host(spec, this.#registry, this.#clock, () => this.#scheduler.pump());
      this.#hosts.set(spec.id, host);
      if (scenario.measured) restoreMeasures(host, fleet, streams);
    }
  }

  run(): Run {
    const rates = this.#scenario.churn;
    for (const host of rates === undefined ? [] : this.#hosts.values()) {
      const random = randomOf(this.#scenario.seed, `churn of ${host.spec.id}`);
      churn(
        this.#clock,
        random,
        { perHour: rates?.per_hour ?? 0, awayS: rates?.away_s ?? 0 },
        {
          lose: () => this.#lose(host),
          back: () => host.connect(),
        },
      );
    }
    for (const stream of this.#streams) this.#begin(stream);
    this.#clock.run(() => this.#left === 0);
    const hosts = [...this.#hosts.values()];
    return {
      strategy: this.#strategy,
      outcomes: this.#outcomes,
      timeline: this.#timeline,
      machines: hosts.map(({ spec, busyMs }) => ({
        id: spec.id,
        class: spec.class,
        slots: spec.slots,
        busyMs,
      })),
      coldLoads: hosts.reduce((sum, { coldLoads }) => sum + coldLoads, 0),
      lost: this.#lost,
    };
  }

  #begin({ demands, at, chainMs }: Stream): void {
    if (chainMs === undefined) {
      demands.forEach((demand, index) => {
        this.#clock.after(at[index] ?? 0, () => this.#send(demand, () => this.#left--));
      });
      return;
    }
    const next = (index: number): void => {
      const demand = demands[index];
      if (demand === undefined) return;
      this.#send(demand, (error, retryAfterS) => {
        if (retryAfterS !== undefined) {
          this.#clock.after(retryAfterS * 1_000, () => next(index));
          return;
        }
        this.#left--;
        const pauseMs = error === undefined ? chainMs : Math.max(chainMs, LEAST_PAUSE_MS);
        this.#clock.after(pauseMs, () => next(index + 1));
      });
    };
    this.#clock.after(at[0] ?? 0, () => next(0));
  }

  #send(demand: Demand, then: (error: Outcome["error"], retryAfterS?: number) => void): void {
    const now = this.#clock.now();
    const outcome: Outcome = {
      demand,
      arrivedMs: now,
      waitedMs: 0,
      grantedMs: now,
      endedMs: now,
      attempts: 0,
      machine: "",
      reason: "",
      error: undefined,
    };
    const ended = (retryAfterS?: number): void => {
      outcome.endedMs = this.#clock.now();
      this.#outcomes.push(outcome);
      then(outcome.error, retryAfterS);
    };
    const passage = { id: String(++this.#sent), ticket: this.#scheduler.ticket(), outcome, ended };
    this.#attempt(passage, new Set());
  }

  #attempt(passage: Passage, avoid: ReadonlySet<string>): void {
    const { id, ticket, outcome, ended } = passage;
    const { demand } = outcome;
    const asked = this.#clock.now();
    outcome.attempts++;
    const admission = this.#gate.admit(demand, id, outcome.attempts);
    if (admission.kind === "refused") {
      outcome.error = admission.code;
      ended(admission.retryAfterS);
      return;
    }
    const { pass } = admission;
    const finish = (tokens: number): void => {
      pass.done({ tokens, exact: true, durationMs: this.#clock.now() - ticket.arrived });
      ended();
    };
    const settle = (decision: Decision): void => {
      outcome.waitedMs += this.#clock.now() - asked;
      if (decision.kind === "refused") {
        outcome.error = decision.refusal.code;
        this.#note();
        finish(0);
        return;
      }
      this.#dispatch(decision, outcome, (lostBy) => {
        if (lostBy === undefined) {
          finish(demand.promptTokens + demand.completionTokens);
          return;
        }
        pass.hold();
        this.#attempt(passage, new Set([...avoid, lostBy]));
      });
    };
    const want = {
      model: canonicalName(demand.model),
      since: undefined,
      slot: true,
      pinned: undefined,
      avoid,
      ticket,
      share: { id: demand.key, weight: demand.weight },
    };
    this.#scheduler.acquire(want, settle);
    this.#note();
  }

  /** @param ended called with the machine that lost it, if one did */
  #dispatch(
    { grant }: Extract<Decision, { kind: "granted" }>,
    outcome: Outcome,
    ended: (lostBy: string | undefined) => void,
  ): void {
    const { demand } = outcome;
    const host = this.#hosts.get(grant.agent.id);
    const model = this.#models.get(demand.model);
    if (host === undefined || model === undefined)
      throw new Error(`no ${grant.agent.id} or no ${demand.model}`);
    outcome.grantedMs = this.#clock.now();
    outcome.machine = host.spec.id;
    outcome.reason = grant.reason;
    this.#busy++;
    this.#note();
    const flight: Flight = {
      lost: () => {
        this.#busy--;
        this.#lost++;
        grant.release({ verdict: "neutral" });
        ended(host.spec.id);
      },
    };
    const tokens = { prompt: demand.promptTokens, completion: demand.completionTokens };
    host.serve(flight, model, tokens, ({ loadS, answerS }) => {
      this.#busy--;
      grant.release({
        verdict: "success",
        tokens: tokens.prompt + tokens.completion,
        answer: { tokens: tokens.completion, seconds: answerS },
        loadS,
      });
      this.#note();
      ended(undefined);
    });
  }

  #lose(host: Host): void {
    for (const flight of host.lose()) flight.lost();
    this.#scheduler.pump();
    this.#note();
  }

  #note(): void {
    const moment = { atMs: this.#clock.now(), waiting: this.#scheduler.waiting, busy: this.#busy };
    if (this.#timeline.at(-1)?.atMs === moment.atMs) this.#timeline.pop();
    this.#timeline.push(moment);
  }
}
