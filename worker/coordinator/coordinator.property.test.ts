import fc from "fast-check";
import { expect, test } from "vitest";
import { TIMES } from "../../shared/protocol/limits.ts";
import type { Outcome } from "./api.ts";
import type { Ticket } from "./scheduling/ticket.ts";
import { type Asked, Bench, models, storedAgent } from "./testing/bench.ts";
import { FakeAgent, type FakeRequest } from "./testing/fake-agent.ts";
import { turn } from "./testing/turn.ts";

const NAMES = ["a", "b", "c"] as const;
const MAX_ATTEMPTS = 3;

type Step =
  | { do: "ask"; model: number; pinned: number | undefined }
  | { do: "write" | "finish" | "cut" | "refuse" | "leave"; which: number }
  | {
      do: "lose" | "dial" | "restart" | "stop" | "drain" | "resume" | "disconnect" | "break" | "remove";
      agent: number;
    }
  | { do: "wait"; ms: number }
  | { do: "queue"; length: number; timeout_s: number }
  /** The next steps happen before anything of this comes to rest. */
  | { do: "rush" };

const which = fc.nat(20);
const agent = fc.nat(NAMES.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("ask" as const),
      model: fc.nat(2),
      pinned: fc.option(agent, { nil: undefined, freq: 10 }),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constantFrom<"write" | "finish" | "cut" | "refuse" | "leave">(
        "write",
        "write",
        "finish",
        "finish",
        "cut",
        "refuse",
        "leave",
      ),
      which,
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constantFrom<"lose" | "dial" | "restart" | "stop" | "drain" | "resume" | "disconnect" | "break">(
        "lose",
        "lose",
        "dial",
        "dial",
        "dial",
        "restart",
        "stop",
        "drain",
        "resume",
        "resume",
        "disconnect",
        "break",
      ),
      agent,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 400, 3_000, 14_999, 20_000),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("rush" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("queue" as const),
      length: fc.nat(5),
      timeout_s: fc.integer({ min: 1, max: 60 }),
    }),
  },
);

/** A request over all its attempts, as the edge sends it. */
interface Journey {
  number: number;
  attempts: Asked[];
  over: Outcome | undefined;
}

/** The brain, three agents, and clients behind an edge that sends again what was lost. */
class World {
  readonly bench = new Bench({ agents: NAMES.map((name) => storedAgent(name)) });
  readonly agents = NAMES.map(
    (name, index) =>
      new FakeAgent({
        id: name,
        name,
        state: { models: models("m0", `m${index}`), ollama_parallel: 1 + (index % 2) },
      }),
  );
  readonly journeys: Journey[] = [];
  /** What each agent's request has said, by the request. */
  readonly said = new Map<FakeRequest, { text: string; responded: boolean; finished: boolean }>();
  readonly #lostAt = new Map<FakeAgent, number>();
  #restarts = 0;

  open(): FakeRequest[] {
    return this.agents.flatMap((each) => each.open).filter((request) => this.#of(request).finished === false);
  }

  #of(request: FakeRequest): { text: string; responded: boolean; finished: boolean } {
    let said = this.said.get(request);
    if (said === undefined) {
      said = { text: "", responded: false, finished: false };
      this.said.set(request, said);
    }
    return said;
  }

  ask(model: number, pinned: number | undefined): void {
    const journey: Journey = { number: this.journeys.length, attempts: [], over: undefined };
    this.journeys.push(journey);
    const over = {
      id: `00000000-0000-4000-8000-${String(journey.number).padStart(12, "0")}`,
      path: `/api/chat?n=${journey.number}`,
      model: `m${model}`,
      agent: pinned === undefined ? undefined : NAMES[pinned],
    };
    const attempt = (number: number, avoid: string[], ticket: Ticket | undefined): void => {
      const asked = this.bench.ask({
        ...over,
        attempt: number,
        avoid,
        ticket,
        mayRetry: number < MAX_ATTEMPTS,
      });
      journey.attempts.push(asked);
      void asked.outcome.then((outcome) => {
        if (outcome.kind !== "lost") journey.over = outcome;
        else attempt(number + 1, [...avoid, outcome.agentId ?? ""], outcome.ticket);
      });
    };
    attempt(1, [], undefined);
  }

  say(request: FakeRequest): void {
    const said = this.#of(request);
    if (!said.responded) {
      said.responded = true;
      request.respond();
    }
    const text = `${request.head.path}#${said.text.length};`;
    said.text += text;
    request.write(text);
  }

  finish(request: FakeRequest): void {
    this.say(request);
    this.#of(request).finished = true;
    request.finish();
  }

  cut(request: FakeRequest): void {
    this.#of(request).finished = true;
    request.cut("ollama_cut");
  }

  dial(each: FakeAgent): void {
    if (each.socket !== undefined) return;
    this.#lostAt.delete(each);
    each.dial(this.bench.brain, this.bench.now);
  }

  lose(each: FakeAgent): void {
    each.lose();
    if (!this.#lostAt.has(each)) this.#lostAt.set(each, this.bench.now());
  }

  async wait(ms: number): Promise<void> {
    for (const each of this.agents) each.socket?.ping();
    await this.bench.clock.advance(ms);
    for (const each of this.agents) {
      each.socket?.ping();
      const lostAt = this.#lostAt.get(each);
      if (lostAt !== undefined && this.bench.now() - lostAt >= TIMES.resume_window_ms) each.giveUp();
    }
  }

  async perform(one: Step): Promise<void> {
    switch (one.do) {
      case "ask":
        this.ask(one.model, one.pinned);
        return;
      case "write":
      case "finish":
      case "cut":
      case "refuse": {
        const open = this.open();
        const request = open[one.which % Math.max(1, open.length)];
        if (request === undefined) return;
        if (one.do === "write") this.say(request);
        else if (one.do === "finish") this.finish(request);
        else if (one.do === "cut" || this.#of(request).responded) this.cut(request);
        else request.reset("ollama_unreachable");
        return;
      }
      case "leave": {
        const here = this.journeys.filter(({ over }) => over === undefined);
        here[one.which % Math.max(1, here.length)]?.attempts.at(-1)?.client.leave();
        return;
      }
      case "wait":
        await this.wait(one.ms);
        return;
      case "queue":
        await this.bench.brain.putSettings({ queue: { max_length: one.length, timeout_s: one.timeout_s } });
        return;
      case "rush":
        return;
      default:
        await this.#toAgent(one.do, this.agents[one.agent]);
    }
  }

  async #toAgent(what: string, each: FakeAgent | undefined): Promise<void> {
    if (each === undefined) return;
    const { brain } = this.bench;
    switch (what) {
      case "lose":
        this.lose(each);
        return;
      case "dial":
        this.dial(each);
        return;
      case "restart":
        this.lose(each);
        each.restart(`instance-${++this.#restarts}`);
        this.dial(each);
        return;
      case "stop":
        each.say({ type: "state", stream: 0, json: { stopping: true } });
        this.lose(each);
        return;
      case "break":
        each.say({ type: "state", stream: 0, json: { stopping: "perhaps" } });
        return;
      case "drain":
      case "resume":
        await brain.drainAgent(each.id, what === "drain");
        return;
      case "disconnect":
        await brain.disconnectAgent(each.id);
    }
  }

  /** What holds whenever everything has come to rest. */
  async check(): Promise<void> {
    const load = this.bench.brain.load();
    const unsettled = this.journeys.filter(({ over }) => over === undefined).length;
    expect(load.running + load.waiting).toBe(unsettled);
    expect(load.streams).toBe(load.running);
    const views = await this.bench.brain.listAgents();
    expect(views.reduce((sum, view) => sum + view.active_requests, 0)).toBe(load.running);
    const streams = this.bench.brain.gauges().reduce((sum, gauge) => sum + gauge.streams, 0);
    expect(streams).toBe(load.running);
    // Nobody was forgotten: looking at everybody who waits once more finds nothing to do.
    await this.bench.brain.putSettings({});
    await turn();
    expect(this.bench.brain.load()).toEqual(load);
  }

  /** All machines are there and answer until nobody waits. */
  async settle(): Promise<void> {
    await this.bench.brain.putSettings({ queue: { max_length: 100, timeout_s: 60 } });
    for (const each of this.agents) await this.bench.brain.drainAgent(each.id, false);
    for (let round = 0; round < 200; round++) {
      for (const each of this.agents) this.dial(each);
      await turn();
      for (const request of this.open()) this.finish(request);
      await turn();
      if (this.journeys.every(({ over }) => over !== undefined)) return;
      await this.wait(1_000);
    }
    throw new Error(`still waiting: ${JSON.stringify(this.bench.brain.load())}`);
  }
}

test("whatever agents, clients and operators do: every request ends once, is written down once, and leaves nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 100, size: "+1" }), async (steps) => {
      const world = new World();
      for (const each of world.agents) world.dial(each);
      await turn();
      let rushed = false;
      for (const one of steps) {
        await world.perform(one);
        if (one.do === "rush") {
          rushed = true;
          continue;
        }
        if (rushed) {
          rushed = false;
          continue;
        }
        await turn();
        await world.check();
      }
      await turn();
      await world.settle();
      for (const each of world.agents) world.lose(each);
      await world.bench.clock.drain();

      const { brain, history, clock } = world.bench;
      expect(brain.load()).toEqual({ running: 0, waiting: 0, streams: 0 });
      expect((await brain.listAgents()).map((view) => [view.active_requests, view.queued_requests])).toEqual([
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
      expect(brain.gauges()).toEqual([]);
      expect([clock.timers, brain.recorder.pending, history.doubled]).toEqual([0, 0, 0]);
      expect(history.requests.map(({ id }) => id).sort()).toEqual(
        world.journeys.map(({ number }) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`),
      );

      for (const journey of world.journeys) {
        const client = journey.attempts.at(-1)?.client;
        const bodies = [...world.said].filter(
          ([request]) => request.head.path === `/api/chat?n=${journey.number}`,
        );
        // Only the last attempt may have shown the client anything.
        for (const earlier of journey.attempts.slice(0, -1)) expect(earlier.client.journal).toEqual([]);
        switch (journey.over?.kind) {
          case "answered": {
            expect(client?.ended).toBe(true);
            const whole = bodies.some(([, said]) => said.finished && said.text === client?.body);
            const part = bodies.some(([, said]) => said.text.startsWith(client?.body ?? "?"));
            expect([client?.failure === undefined, whole || part]).toEqual([
              client?.journal.at(-1) === "end",
              true,
            ]);
            if (client?.journal.at(-1) === "end") expect(whole).toBe(true);
            break;
          }
          case "refused":
            expect(client?.journal).toEqual([]);
            break;
          case "gone":
            expect(client?.gone).toBe(true);
            expect(client?.ended).toBe(false);
            break;
          default:
            throw new Error(`request ${journey.number} never ended`);
        }
      }
      // No machine still works for anybody.
      expect(
        world.agents.flatMap((each) =>
          each.open.filter((request) => world.said.get(request)?.finished !== true),
        ),
      ).toEqual([]);
    }),
    { numRuns: 80 },
  );
}, 30_000);
