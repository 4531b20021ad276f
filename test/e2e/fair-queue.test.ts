import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { QueueView } from "../../shared/api/queue.ts";
import { type Answer, type Asked, ask } from "../support/ask.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { onBothHosts } from "../support/hosts/both-hosts.ts";
import { admin, listAgents, makeKey, until } from "../support/hosts/host.ts";
import type { SeenRequest, StandInOllama } from "../support/ollama/stand-in.ts";

const ONE_SLOT = ["--max-concurrency", "1"];
const TURNS = 6;

/** Who a request was from, as it says in its prompt. */
function senderOf({ body }: SeenRequest): string | undefined {
  return typeof body === "object" && body !== null && "prompt" in body ? String(body.prompt) : undefined;
}

onBothHosts("the queue is fair", (startHost) => {
  let fleet: Fleet;
  let left: StandInOllama;
  let right: StandInOllama;
  /** Ends what runs; more often does no harm. */
  let endFlood = (): void => {};

  beforeAll(async () => {
    fleet = await startFleet(
      startHost,
      { name: "left", ollama: { models: ["popular"], tokens: 4, tokenDelayMs: 5 }, flags: ONE_SLOT },
      { name: "right", ollama: { models: ["quiet"], tokens: 4, tokenDelayMs: 5 }, flags: ONE_SLOT },
    );
    left = fleet.machine("left").ollama;
    right = fleet.machine("right").ollama;
  });
  afterEach(async () => {
    endFlood();
    await until("all is at rest", async () =>
      (await listAgents(fleet.host)).every((agent) => agent.active_requests + agent.queued_requests === 0),
    );
    left.clear();
    right.clear();
  });
  afterAll(() => fleet.stop());

  function send(key: string, model: string, prompt: string): Asked {
    return ask({
      url: fleet.host.url,
      key,
      path: "/api/generate",
      body: { model, prompt, stream: false },
    });
  }

  const queue = (): Promise<QueueView> => admin(fleet.host, "GET", "/api/admin/queue");
  const waiting = (count: number): Promise<unknown> =>
    until(`${count} wait`, async () => (await queue()).length === count);

  /** So many requests of one key; the first runs until it is told to end, and all others wait. */
  async function flood(key: string, count: number): Promise<{ answers: Promise<Answer>[]; end: () => void }> {
    const gate = Promise.withResolvers<void>();
    endFlood = gate.resolve;
    left.misbehave({ kind: "raw", chunks: [{ until: gate.promise }, '{"done":true}'] });
    const first = send(key, "popular", "flood");
    await until("the first is at work", () => left.inFlight() === 1);
    const others = Array.from({ length: count - 1 }, () => send(key, "popular", "flood"));
    await waiting(count - 1);
    return { answers: [first, ...others].map(({ answer }) => answer), end: endFlood };
  }

  test("one key has sixty requests waiting: between two turns of keys that send one at a time it gets a few", async () => {
    const flooding = await makeKey(fleet.host, { name: "flooding" });
    const { answers, end } = await flood(flooding.key, 60);
    const names = ["calm-1", "calm-2", "calm-3"];
    const calm = names.map(async (name) => {
      const { key } = await makeKey(fleet.host, { name });
      for (let turn = 0; turn < TURNS; turn++) {
        const answer = await send(key, "popular", name).answer;
        expect(answer.status).toBe(200);
      }
    });
    await until("each of them waits", async () => (await queue()).length === 59 + names.length);
    end();
    await Promise.all(calm);
    const order = left.seen.filter(({ method }) => method === "POST").map(senderOf);
    for (const name of names) {
      const places = order.flatMap((sender, place) => (sender === name ? [place] : []));
      expect(places).toHaveLength(TURNS);
      const between = places.slice(1).map((place, at) => {
        const since = order.slice((places[at] ?? 0) + 1, place);
        return since.filter((sender) => sender === "flood").length;
      });
      expect(Math.max(...between)).toBeLessThanOrEqual(3);
    }
    // And nobody is starved: who floods gets all that is left.
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(60).fill(200));
    expect(left.maxInFlight()).toBe(1);
  });

  test("a flood for one model holds up nobody who wants another, on a machine that is free", async () => {
    const flooding = await makeKey(fleet.host, { name: "flooding" });
    const { answers, end } = await flood(flooding.key, 30);
    for (let number = 0; number < 5; number++) {
      // Also not the flooding key itself: its turns are spent on a machine that has none for it.
      const key = number % 2 === 0 ? fleet.key : flooding.key;
      expect((await send(key, "quiet", "quiet").answer).status).toBe(200);
    }
    expect((await queue()).length).toBe(29);
    expect(right.seen.filter(({ method }) => method === "POST")).toHaveLength(5);
    end();
    await Promise.all(answers);
  });

  test("who waits can be seen, in order, and every answer says how long it waited, a refusal too", async () => {
    const first = await makeKey(fleet.host, { name: "first" });
    const second = await makeKey(fleet.host, { name: "second" });
    await admin(fleet.host, "PUT", "/api/admin/settings", { queue: { max_length: 3 } });
    const { answers, end } = await flood(first.key, 2);
    const more: Asked[] = [];
    for (const prompt of ["one", "two"]) {
      more.push(send(second.key, "popular", prompt));
      await waiting(1 + more.length);
    }
    const view = await queue();
    expect(view).toMatchObject({ length: 3, max_length: 3 });
    expect(view.items.map(({ position }) => position)).toEqual([1, 2, 3]);
    expect(view.items.map(({ key_name }) => key_name).sort()).toEqual(["first", "second", "second"]);
    for (const item of view.items) {
      expect(item).toMatchObject({ model: "popular:latest", endpoint: "/api/generate", agent_id: null });
      expect(item.waited_ms).toBeGreaterThanOrEqual(0);
    }

    const full = await send(second.key, "popular", "three").answer;
    expect(full.status).toBe(429);
    expect(full.headers["x-coordinator-error"]).toBe("queue_full");
    expect(Number(full.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect(full.headers["x-coordinator-queue-ms"]).toMatch(/^\d+$/);
    const other = await send(second.key, "quiet", "quiet").answer;
    expect([other.status, other.headers["x-coordinator-queue-ms"]]).toEqual([
      200,
      expect.stringMatching(/^\d+$/),
    ]);

    end();
    const settled = await Promise.all([...answers, ...more.map(({ answer }) => answer)]);
    expect(settled.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const waited = settled.slice(1).map(({ headers }) => Number(headers["x-coordinator-queue-ms"]));
    expect(waited.every((ms) => ms > 0)).toBe(true);
  });

  test("who has waited too long is told so, how long that was, and when to come again", async () => {
    await admin(fleet.host, "PUT", "/api/admin/settings", { queue: { max_length: 100, timeout_s: 1 } });
    const { answers, end } = await flood(fleet.key, 2);
    const late = await answers[1];
    expect(late?.status).toBe(504);
    expect(late?.headers["x-coordinator-error"]).toBe("queue_timeout");
    // A timer may come a millisecond before the clock says so.
    expect(Number(late?.headers["x-coordinator-queue-ms"])).toBeGreaterThanOrEqual(990);
    expect(Number(late?.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    end();
    expect((await answers[0])?.status).toBe(200);
    await admin(fleet.host, "PUT", "/api/admin/settings", { queue: { timeout_s: 600 } });
  });
});
