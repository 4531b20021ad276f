import { describe, expect, test } from "vitest";
import type { Outcome } from "../api.ts";
import { Coordinator } from "../coordinator.ts";
import { type Asked, Bench, bytesOf, fakeDeps, storedKey } from "../testing/bench.ts";
import type { FakeAgent, FakeRequest } from "../testing/fake-agent.ts";
import { MemoryStore } from "../testing/memory-store.ts";
import { turn } from "../testing/turn.ts";

const caller = { kind: "key", key_id: "k", by_path: false } as const;

const fleet = (
  limits: Parameters<typeof storedKey>[1],
  machines: Parameters<typeof Bench.fleet>[0] = { a: { slots: 50 } },
) => Bench.fleet(machines, { keys: [storedKey("k", limits)] });

const used = (tokens: number) => (request: FakeRequest) =>
  request.respond().write('{"done":true}\n').finish({ prompt_tokens: tokens, completion_tokens: 0 });

async function end(asked: Asked): Promise<Outcome["kind"]> {
  return (await asked.outcome).kind;
}

const IDLE = { k: { running: 0, held: 0, reserved: 0 } };

describe("max_concurrency", () => {
  test("what is refused when it comes again does not keep its place until nobody comes for it", async () => {
    const { bench } = await fleet({ max_concurrency: 1 }, { a: {}, b: {} });
    const over = bench.call({ caller, agent: "a" });
    const asked = bench.ask(over);
    await turn();
    await bench.brain.deleteAgent("a");
    expect(await end(asked)).toBe("lost");
    expect(await bench.ask({ ...over, attempt: 2 }).outcome).toMatchObject({ code: "bad_request" });
    expect(bench.brain.limitGauge()).toEqual(IDLE);
  });

  test("a loss whose body cannot be sent again is the end: in the history, and its place is free", async () => {
    const { bench, agent } = await fleet({ max_concurrency: 1 }, { a: {}, b: {} });
    const body = { ...bytesOf("{}"), replayable: true };
    const asked = bench.ask({ caller, agent: "a" }, body);
    await turn();
    body.replayable = false;
    agent("a").last.reset("ollama_unreachable");
    expect(await asked.outcome).toMatchObject({ kind: "refused", code: "ollama_unreachable" });
    expect(bench.brain.limitGauge()).toEqual(IDLE);
    await bench.clock.advance(1_000);
    expect(bench.history.requests).toMatchObject([{ error_code: "ollama_unreachable" }]);
  });

  test("500 who try until they are served are never 6 at the machines, whoever leaves or is lost", async () => {
    let most = 0;
    const serve = (): void => {
      most = Math.max(most, open().length);
    };
    const { bench, agents } = await fleet(
      { max_concurrency: 5 },
      { a: { slots: 3, serve }, b: { slots: 3, serve }, c: { slots: 8, serve } },
    );
    const machines = Object.values(agents);
    const open = (): FakeRequest[] => machines.flatMap((agent) => agent.open);
    let served = 0;
    let refused = 0;
    let lost = 0;

    const asked: Asked[] = [];
    /** As the edge does: sends again what was lost, under its id. And as a client does: comes again when it may. */
    async function persist(): Promise<void> {
      for (;;) {
        let over = bench.call({ caller });
        const attempt = bench.ask(over);
        asked.push(attempt);
        let outcome = await attempt.outcome;
        while (outcome.kind === "lost") {
          lost++;
          over = { ...over, attempt: over.attempt + 1, avoid: [...over.avoid, outcome.agentId ?? ""] };
          outcome = await bench.ask({ ...over, ticket: outcome.ticket }).outcome;
        }
        if (outcome.kind === "answered") served++;
        if (outcome.kind !== "refused") return;
        refused++;
        const again = Promise.withResolvers<void>();
        bench.clock.after((outcome.retryAfterS ?? 1) * 1_000 + ((refused * 37) % 900), again.resolve);
        await again.promise;
      }
    }
    let over = false;
    const all = Promise.all(Array.from({ length: 500 }, persist)).then(() => {
      over = true;
    });
    await turn();
    expect([open().length, refused]).toEqual([5, 495]);

    for (let round = 0; !over; round++) {
      expect(round, "served in time").toBeLessThan(3_000);
      const at = machines.find((machine) => machine.open.length > 1);
      if (round % 9 === 7 && at !== undefined) {
        at.restart(`instance ${round}`);
        await turn();
        at.dial(bench.brain, bench.now);
      } else if (round % 25 === 3) asked.findLast(({ ended }) => ended === undefined)?.client.leave();
      else for (const request of open().slice(0, 3)) request.answer();
      await turn();
      await bench.clock.advance(200);
      for (const machine of machines) machine.socket?.ping();
    }
    await all;
    await bench.clock.advance(10_000);
    expect(most).toBe(5);
    expect(lost).toBeGreaterThan(3);
    expect(served).toBeGreaterThan(400);
    expect(bench.brain.limitGauge()).toEqual(IDLE);
  }, 60_000);

  test("counts those that wait, and frees the place of one that leaves", async () => {
    const { bench, agent } = await fleet({ max_concurrency: 2 }, { a: { slots: 1 } });
    const running = bench.ask({ caller });
    const waiting = bench.ask({ caller });
    expect(await bench.ask({ caller }).outcome).toMatchObject({ kind: "refused", code: "rate_limited" });
    waiting.client.leave();
    expect(await end(waiting)).toBe("gone");
    const next = bench.ask({ caller });
    await turn();
    running.client.leave();
    expect(await end(running)).toBe("gone");
    await turn();
    agent("a").last.answer();
    expect(await end(next)).toBe("answered");
    expect(bench.brain.limitGauge()).toEqual(IDLE);
  });

  test("a request whose machine is lost keeps its place for its next attempt", async () => {
    const { bench, agent } = await fleet({ max_concurrency: 1, rpm: 1 }, { a: {}, b: {} });
    const call = bench.call({ caller });
    const first = bench.ask(call);
    await turn();
    const [at, other] = agent("a").open.length > 0 ? ["a", "b"] : ["b", "a"];
    agent(at ?? "").last.reset("ollama_unreachable");
    const outcome = await first.outcome;
    expect(outcome).toMatchObject({ kind: "lost", agentId: at });
    expect(await bench.ask({ caller }).outcome).toMatchObject({
      code: "rate_limited",
      message: expect.stringContaining("(max_concurrency)"),
    });
    const retry = bench.ask({ ...call, attempt: 2, avoid: [at ?? ""] });
    await turn();
    agent(other ?? "").last.answer();
    expect(await end(retry)).toBe("answered");
    expect(bench.brain.limitGauge()).toEqual(IDLE);
  });

  test("of an attempt that nobody follows up is free after 10 s", async () => {
    const { bench, agent } = await fleet({ max_concurrency: 1 });
    const first = bench.ask({ caller });
    await turn();
    agent("a").last.reset("ollama_unreachable");
    expect(await end(first)).toBe("lost");
    await bench.clock.advance(9_999);
    expect(await end(bench.ask({ caller }))).toBe("refused");
    await bench.clock.advance(1);
    expect(bench.brain.limitGauge()).toEqual(IDLE);
  });

  test("is free again when the last attempt is lost, too, or no machine has the model", async () => {
    const { bench, agent } = await fleet({ max_concurrency: 1 });
    const last = bench.ask({ caller, attempt: 3, mayRetry: false });
    await turn();
    agent("a").last.reset("ollama_unreachable");
    expect(await end(last)).toBe("refused");
    expect(await bench.ask({ caller, model: "none" }).outcome).toMatchObject({ code: "model_not_found" });
    expect(bench.brain.limitGauge()).toEqual(IDLE);
  });

  test("that is lowered or lifted while requests run holds at once", async () => {
    const { bench, agent } = await fleet({});
    const running = [1, 2, 3].map(() => bench.ask({ caller }));
    await turn();
    await bench.brain.patchKey("k", { max_concurrency: 2 });
    expect(await end(bench.ask({ caller }))).toBe("refused");
    agent("a").open[0]?.answer();
    await running[0]?.outcome;
    expect(await end(bench.ask({ caller }))).toBe("refused");
    await bench.brain.patchKey("k", { max_concurrency: null });
    const more = bench.ask({ caller });
    await turn();
    expect(agent("a").open).toHaveLength(3);
    for (const request of agent("a").open) request.answer();
    await Promise.all([...running, more].map((asked) => asked.outcome));
    expect(bench.brain.limitGauge()).toEqual(IDLE);
  });
});

describe("rpm", () => {
  test("the answer says so, comes with its status into the history, and never reaches a machine", async () => {
    const { bench, agent } = await fleet({ rpm: 1 }, { a: { serve: (request) => request.answer() } });
    expect(await end(bench.ask({ caller }))).toBe("answered");
    await bench.clock.advance(12_000);
    expect(await bench.ask({ caller }).outcome).toEqual({
      kind: "refused",
      code: "rate_limited",
      message: "the key's limit of 1 requests per minute (rpm) is reached; free again in 48 s",
      retryAfterS: 48,
      queueMs: 0,
    });
    await bench.brain.settle();
    expect(bench.history.requests.at(-1)).toMatchObject({
      status: 429,
      error_code: "rate_limited",
      key_id: "k",
      agent_id: null,
    });
    expect(agent("a").requests).toHaveLength(1);
  });

  test("only inference counts, and only of callers with a key", async () => {
    const { bench } = await fleet({ rpm: 1 }, { a: { serve: (request) => request.answer() } });
    for (let time = 0; time < 5; time++) {
      expect(await end(bench.ask())).toBe("answered");
      expect(await end(bench.ask({ caller: { kind: "anonymous" } }))).toBe("answered");
      expect(await end(bench.ask({ caller, class: "show", path: "/api/show" }))).toBe("answered");
    }
    expect(await end(bench.ask({ caller }))).toBe("answered");
    expect(await end(bench.ask({ caller }))).toBe("refused");
  });

  test("a key that is deleted leaves nothing, and what ran with it ends", async () => {
    const { bench, agent } = await fleet({ rpm: 5, tpm: 1_000 });
    const asked = bench.ask({ caller });
    await bench.clock.advance(1_000);
    expect(bench.store.usage.size).toBe(1);
    await bench.brain.deleteKey("k");
    agent("a").last.answer();
    expect(await end(asked)).toBe("answered");
    await bench.brain.settle();
    expect([bench.brain.limitGauge(), bench.store.usage.size]).toEqual([{}, 0]);
  });

  /** The process dies: what its store has is all that is left of it. */
  function reborn(bench: Bench, store: MemoryStore, agent: FakeAgent): MemoryStore {
    const left = new MemoryStore();
    for (const row of store.agents.values()) left.saveAgent(row);
    for (const row of store.keys.values()) left.saveKey(row);
    left.saveUsage([...store.usage.values()]);
    bench.brain = new Coordinator(fakeDeps({ clock: bench.clock, store: left }));
    agent.restart(`after ${bench.clock.now()}`);
    agent.dial(bench.brain, bench.now);
    return left;
  }

  test.each([
    ["settled", 0],
    ["unplanned", 1_000],
  ])(
    "60 pass 60 in any minute, also when the brain is rebuilt in between (%s: %d ms may repeat)",
    async (how, repeats) => {
      const { bench, agent } = await fleet(
        { rpm: 60 },
        { a: { slots: 5, serve: (request) => request.answer() } },
      );
      let store = bench.store;
      const passed: number[] = [];
      const deaths: number[] = [];
      for (let step = 1; step <= 600; step++) {
        const asked = bench.ask({ caller });
        const { kind } = await asked.outcome;
        if (kind === "answered") passed.push(bench.clock.now());
        else expect(kind).toBe("refused");
        // In the middle of the burst at a minute's beginning, and while nothing goes.
        if ([33, 137, 250, 333, 555].includes(step)) {
          if (how === "settled") await bench.brain.settle();
          store = reborn(bench, store, agent("a"));
          deaths.push(bench.clock.now());
          await turn();
        }
        await bench.clock.advance(300);
      }
      for (const last of passed) {
        const minute = passed.filter((time) => time > last - 60_000 && time <= last);
        const forgotten = minute.filter((time) =>
          deaths.some((death) => time <= death && time > death - repeats && death < last),
        );
        expect(minute.length - forgotten.length).toBeLessThanOrEqual(60);
        if (repeats === 0) expect(minute.length).toBeLessThanOrEqual(60);
      }
      // Three minutes' worth of them did pass.
      expect(passed.length).toBeGreaterThanOrEqual(179);
    },
  );

  test("one a second sharp is let through every time", async () => {
    const { bench } = await fleet({ rpm: 60 }, { a: { serve: (request) => request.answer() } });
    for (let second = 0; second < 200; second++) {
      expect(await end(bench.ask({ caller }))).toBe("answered");
      await bench.clock.advance(1_000);
    }
  });

  test("is written at most once a second, and again when the disk was full", async () => {
    const { bench } = await fleet({ rpm: 1_000 }, { a: { slots: 5, serve: (request) => request.answer() } });
    for (let time = 0; time < 50; time++) {
      await bench.ask({ caller }).outcome;
      await bench.clock.advance(100);
    }
    const writes = (): number => bench.store.journal.filter((name) => name === "saveUsage").length;
    expect(writes()).toBeGreaterThan(2);
    expect(writes()).toBeLessThanOrEqual(5);
    await bench.clock.advance(2_000);
    bench.store.refuses = true;
    await bench.ask({ caller }).outcome;
    await bench.clock.advance(5_000);
    const before = bench.store.usage.get("k");
    bench.store.refuses = false;
    await bench.clock.advance(2_000);
    expect(bench.store.usage.get("k")).not.toEqual(before);
  });
});

describe("tokens", () => {
  test("a minute's are not overdrawn by many at once", async () => {
    const { bench, agent } = await fleet({ tpm: 1_000 });
    const first = bench.ask({ caller });
    await turn();
    used(100)(agent("a").last);
    await first.outcome;
    const asked = Array.from({ length: 40 }, () => bench.ask({ caller }));
    await turn();
    expect(agent("a").open).toHaveLength(9);
    for (const request of agent("a").open) used(100)(request);
    const kinds = await Promise.all(asked.map(end));
    expect(kinds.filter((kind) => kind === "answered")).toHaveLength(9);
    expect(await bench.ask({ caller }).outcome).toMatchObject({
      message: "the key's limit of 1000 tokens per minute (tpm) is reached; free again in 60 s",
    });
    await bench.clock.advance(60_000);
    agent("a").socket?.ping();
    bench.ask({ caller });
    await turn();
    expect(agent("a").open).toHaveLength(1);
  });

  test("a day's are given out once in any 24 hours", async () => {
    const { bench, agent } = await fleet({ tpd: 1_000 }, { a: { serve: used(100) } });
    const answered: number[] = [];
    for (let hour = 0; hour < 72; hour++) {
      for (let time = 0; time < 3; time++) {
        if ((await end(bench.ask({ caller }))) === "answered") answered.push(hour);
      }
      await bench.clock.advance(3_600_000);
      agent("a").socket?.ping();
    }
    for (const last of answered) {
      expect(answered.filter((hour) => hour > last - 24 && hour <= last).length).toBeLessThanOrEqual(10);
    }
    expect(answered).toHaveLength(30);
  });

  test("who leaves in the middle of an answer is charged what was reserved", async () => {
    const { bench, agent } = await fleet({ tpm: 100 });
    const asked = bench.ask({ caller, contentLength: 4_000 });
    await turn();
    agent("a").last.respond().write("{");
    await turn();
    asked.client.leave();
    await asked.outcome;
    expect(await end(bench.ask({ caller }))).toBe("refused");
    await bench.clock.advance(60_000);
    agent("a").socket?.ping();
    bench.ask({ caller });
    await turn();
    expect(agent("a").open).toHaveLength(1);
  });

  test("what an attempt reserved is free when it ends without an answer", async () => {
    const { bench, agent } = await fleet({ tpm: 100 });
    const asked = bench.ask({ caller, contentLength: 4_000 });
    await turn();
    expect(await end(bench.ask({ caller }))).toBe("refused");
    agent("a").last.respond().write("{").cut("ollama_cut");
    await asked.outcome;
    expect(bench.brain.limitGauge()).toEqual(IDLE);
    bench.ask({ caller });
    await turn();
    expect(agent("a").open).toHaveLength(1);
  });
});

describe("the list of keys", () => {
  const usageOf = async (bench: Bench) => (await bench.brain.listKeys()).map(({ usage }) => usage);

  test("says what counts against each limit while requests run and after they ended", async () => {
    const { bench, agent } = await fleet({ rpm: 10, tpd: 1_000 });
    expect(await usageOf(bench)).toEqual([{ rpm: 0, tpm: 0, tpd: 0, concurrent: 0 }]);
    const asked = bench.ask({ caller });
    await turn();
    expect(await usageOf(bench)).toEqual([{ rpm: 1, tpm: 0, tpd: 0, concurrent: 1 }]);
    used(40)(agent("a").last);
    expect(await end(asked)).toBe("answered");
    await turn();
    expect(await usageOf(bench)).toEqual([{ rpm: 1, tpm: 0, tpd: 40, concurrent: 0 }]);
  });

  test("a change of a key answers with its usage, and tells no event of it", async () => {
    const { bench } = await fleet({ rpm: 10 });
    const patched = await bench.brain.patchKey("k", { rpm: 20 });
    expect(patched).toMatchObject({ ok: true, value: { rpm: 20, usage: { rpm: 0, concurrent: 0 } } });
    await bench.brain.deleteKey("k");
    await bench.clock.advance(1_000);
    expect(JSON.stringify(bench.history.events)).not.toContain("usage");
    expect(bench.history.events.length).toBeGreaterThan(1);
  });
});
