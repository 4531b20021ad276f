import { expect } from "vitest";
import type { ErrorCode } from "../../../../shared/api/errors.ts";
import type { FakeAgent, FakeRequest } from "../fake-agent.ts";
import { turn } from "../turn.ts";
import { Edge, type Journey } from "./edge.ts";
import type { World } from "./world.ts";

/** How long the brain keeps a place for a request that was lost, ms. */
const HOLD_MS = 10_000;
const MINUTE_MS = 60_000;
/** What an unplanned restart may cost, ms. */
const UNSAVED_MS = 1_000;

/** What a request is refused with before it counts. */
const UNCOUNTED: ReadonlySet<ErrorCode> = new Set(["rate_limited", "unauthorized", "bad_request"]);

/** Compares what the brain counts with what really runs, whenever everything has come to rest. */
export class Check {
  readonly #world: World;
  /** What each key may have under way: its limit, or what was let in already when that was lowered. */
  readonly #ceilings = new Map<string, number>();
  /** When a request was let in for the first time, by its key. */
  readonly #entered = new Map<Journey, { key: string; at: number }>();

  /** Requests that machines had got when they were seen to yield. */
  readonly #had = new Map<FakeAgent, number>();

  constructor(world: World) {
    this.#world = world;
  }

  async atRest(): Promise<void> {
    const { edge, bench } = this.#world;
    const load = bench.brain.load();
    expect(load.running + load.waiting).toBe(edge.here.length);
    expect(load.streams).toBe(load.running);
    const gauges = bench.brain.gauges();
    expect(gauges.reduce((sum, gauge) => sum + gauge.streams, 0)).toBe(load.running);
    await this.#slots();
    await this.#queue(load.waiting);
    this.#limits();
    await this.#keys();
    await this.#nobodyForgotten();
    this.#leftAlone();
  }

  /** A machine that its owner needs gets nothing that it had not before he said so. */
  #leftAlone(): void {
    for (const agent of this.#world.agents) {
      const had = this.#had.get(agent);
      const yields = agent.state.yielding != null && isConnected(agent);
      if (yields && had !== undefined) expect(agent.requests.length).toBe(had);
      if (yields) this.#had.set(agent, agent.requests.length);
      else this.#had.delete(agent);
    }
  }

  /** Requests that the brain believes at this agent: those of attempts that it has not given up. */
  #believed(agent: FakeAgent): { request: FakeRequest; journey: Journey }[] {
    const { edge, ollamas } = this.#world;
    const paths = new Map(edge.here.map((each) => [Edge.path(each, each.attempts.length), each]));
    return agent.open.flatMap((request) => {
      const journey = paths.get(request.head.path);
      return journey === undefined || ollamas.ghosts.has(request) ? [] : [{ request, journey }];
    });
  }

  async #slots(): Promise<void> {
    const { brain } = this.#world.bench;
    const gauges = brain.slotGauges();
    const streams = new Map(brain.gauges().map((gauge) => [gauge.agent, gauge.streams]));
    for (const view of await brain.listAgents()) {
      const gauge = gauges[view.id];
      if (gauge === undefined) throw new Error(`no gauge of ${view.id}`);
      const inFlight = gauge.in_flight;
      expect([gauge.running, view.active_requests]).toEqual([inFlight, inFlight]);
      expect(gauge.models.reduce((sum, each) => sum + each.in_flight, 0)).toBe(inFlight);
      for (const each of gauge.models) {
        expect(each.loading).toBeGreaterThanOrEqual(0);
        expect(each.loading).toBeLessThanOrEqual(each.in_flight);
        // Somebody tries it, or anybody may.
        if (each.probing) expect(each.in_flight).toBeGreaterThan(0);
      }
      const agent = this.#world.agents.find(({ id }) => id === view.id);
      if (agent === undefined || !isConnected(agent)) continue;
      const believed = this.#believed(agent);
      expect(streams.get(view.name) ?? 0).toBe(believed.length);
      expect(believed.filter(({ journey }) => !journey.asks.show).length).toBe(inFlight);
    }
  }

  async #queue(waiting: number): Promise<void> {
    const { edge, bench } = this.#world;
    const queue = await bench.brain.getQueue(0, 1_000);
    expect([queue.length, queue.items.length]).toEqual([waiting, waiting]);
    const here = new Set(edge.here.map(Edge.id));
    const positions = new Map<string, number>();
    for (const { id, model, position } of queue.items) {
      expect(here.delete(id)).toBe(true);
      const next = (positions.get(model) ?? 0) + 1;
      expect(position).toBe(next);
      positions.set(model, next);
    }
  }

  #limits(): void {
    const { edge, bench, keys } = this.#world;
    const now = bench.now();
    const gauges = bench.brain.limitGauge();
    for (const key of keys) {
      const gauge = gauges[key] ?? { running: 0, held: 0, reserved: 0 };
      const its = edge.unsettled.filter((each) => each.key === key && !each.asks.show);
      const held = its.filter(({ lost }) => lost?.held === true && now < lost.at + HOLD_MS).length;
      const running = its.filter(({ lost }) => lost === undefined).length;
      expect({ key, running: gauge.running, held: gauge.held }).toEqual({ key, running, held });
      if (running + held === 0) expect(gauge.reserved).toBe(0);
    }
    const live = new Set(keys);
    // One that was revoked is gone from what is counted, whatever still runs with it.
    for (const key of Object.keys(gauges)) expect(live.has(key)).toBe(true);
  }

  async #keys(): Promise<void> {
    const { bench, edge, agents, crashes, changed } = this.#world;
    const views = await bench.brain.listKeys();
    const gauges = bench.brain.limitGauge();
    const now = bench.now();
    for (const journey of edge.journeys) this.#enter(journey);
    for (const at of crashes.splice(0)) this.#forgive(undefined, at - UNSAVED_MS);
    for (const { id, rpm, max_concurrency } of views) {
      const open = agents
        .filter(isConnected)
        .flatMap((agent) => this.#believed(agent))
        .filter(({ journey }) => journey.key === id && !journey.asks.show).length;
      const limit = max_concurrency ?? Number.POSITIVE_INFINITY;
      // What came under another limit is not held against this one.
      const { running = 0, held = 0 } = gauges[id] ?? {};
      const admitted = running + held;
      if (changed.delete(id)) this.#forgive(id, Number.NEGATIVE_INFINITY);
      else expect(admitted).toBeLessThanOrEqual(Math.max(limit, this.#ceilings.get(id) ?? limit));
      expect(open).toBeLessThanOrEqual(admitted);
      this.#ceilings.set(id, Math.max(limit, admitted));
      if (rpm === null) continue;
      const recent = [...this.#entered.values()].filter(({ key, at }) => key === id && now - at < MINUTE_MS);
      expect(recent.length).toBeLessThanOrEqual(rpm);
    }
  }

  /** Requests since then are not counted any more; of all keys when none is named. */
  #forgive(id: string | undefined, since: number): void {
    for (const entry of this.#entered.values()) {
      if ((id === undefined || entry.key === id) && entry.at >= since) entry.at = Number.NEGATIVE_INFINITY;
    }
  }

  #enter(journey: Journey): void {
    const { over, key, asks } = journey;
    if (key === undefined || asks.show || this.#entered.has(journey)) return;
    const refused = over?.kind === "refused" && UNCOUNTED.has(over.code);
    if (!refused || journey.attempts.length > 1) this.#entered.set(journey, { key, at: journey.askedAt });
  }

  /** Looking at everybody who waits once more finds nothing to do; `auto` alone may have changed its mind. */
  async #nobodyForgotten(): Promise<void> {
    const { bench, strategy } = this.#world;
    const load = bench.brain.load();
    await bench.brain.putSettings({});
    await turn();
    const after = bench.brain.load();
    if (strategy !== "auto" || load.running === 0) expect(after).toEqual(load);
  }
}

export function isConnected(agent: FakeAgent): boolean {
  return agent.socket !== undefined && !agent.socket.dead && agent.socket.attachment?.open !== undefined;
}
