import { beforeEach, describe, expect, test } from "vitest";
import { FEED, FEED_CLOSE } from "../../../shared/api/feed.ts";
import { Bench, models } from "../testing/bench.ts";
import { FakePage } from "../testing/fake-page.ts";

let bench: Bench;
let fleet: Awaited<ReturnType<typeof Bench.fleet>>;

beforeEach(async () => {
  fleet = await Bench.fleet({ a: { slots: 2 }, b: { slots: 1 } });
  bench = fleet.bench;
  // What the fleet's coming has set off is written down.
  await bench.clock.advance(2_000);
});

async function opened(): Promise<FakePage> {
  const page = FakePage.open(bench.brain);
  await bench.clock.advance(FEED.interval_ms);
  return page;
}

/** Nothing happens, but that machines say that they are there. */
async function idle(seconds: number): Promise<void> {
  for (let past = 0; past < seconds; past += 10) {
    for (const agent of Object.values(fleet.agents)) agent.socket?.ping();
    await bench.clock.advance(10_000);
  }
}

describe("a page", () => {
  test("gets a snapshot of everything, and then silence", async () => {
    const page = await opened();
    expect(page.messages.map(({ type }) => type)).toEqual(["snapshot"]);
    expect(page.shown.agents.map(({ name, status }) => [name, status])).toEqual([
      ["a", "online"],
      ["b", "online"],
    ]);
    await idle(600);
    expect(page.messages.length).toBe(1);
  });

  test("sees a machine go within a moment, come back, and be given up", async () => {
    const page = await opened();
    fleet.agent("a").lose();
    await bench.clock.advance(10);
    expect(page.messages.length).toBe(2);
    expect(page.shown.agents[0]).toMatchObject({
      id: "a",
      status: "offline",
      not_routable_reason: "coming_back",
    });
    await bench.clock.advance(20_000);
    expect(page.shown.agents[0]?.not_routable_reason).toBe("offline");
  });

  test("is told of a machine whose silence nobody else would notice within 30 s", async () => {
    const page = await opened();
    const heartbeat = async (): Promise<void> => {
      fleet.agent("b").socket?.ping();
      await bench.clock.advance(10_000);
    };
    for (let beat = 0; beat < 3; beat++) await heartbeat();
    expect(page.shown.agents.map(({ not_routable_reason }) => not_routable_reason)).toEqual([
      "coming_back",
      null,
    ]);
  });

  test("sees a request wait, run, stream and finish, and the rates go back to nothing", async () => {
    const page = await opened();
    const first = bench.ask({ agent: "b", stream: true });
    const second = bench.ask({ agent: "b" });
    await bench.clock.advance(10);
    expect(page.shown.running.map(({ state, agent_id }) => [state, agent_id])).toEqual([
      ["running", "b"],
      ["waiting", null],
    ]);
    expect(page.shown.now).toMatchObject({ running: 1, waiting: 1 });
    fleet.agent("b").last.respond().write("x".repeat(1_300));
    await bench.clock.advance(1_500);
    expect(page.shown.running[0]?.state).toBe("streaming");
    expect(page.shown.now.tokens_per_second).toBeGreaterThan(0);
    expect(page.shown.agents[1]).toMatchObject({ active_requests: 1, queued_requests: 1 });
    fleet.agent("b").last.finish({ completion_tokens: 10 });
    await bench.clock.advance(10);
    fleet.agent("b").last.answer();
    await Promise.all([first.outcome, second.outcome]);
    await bench.clock.advance(FEED.interval_ms);
    expect(page.shown.running).toEqual([]);
    expect(page.shown.requests.map(({ status }) => status)).toEqual([200, 200]);
    expect(page.shown.now).toMatchObject({ running: 0, total_requests: 2, requests_per_second: 0.2 });
    expect(page.shown.agents[1]).toMatchObject({ active_requests: 0, total_requests: 2 });
    await idle(120);
    expect(page.shown.agents[1]?.queued_requests).toBe(0);
    expect(page.shown.now).toMatchObject({
      requests_per_second: 0,
      tokens_per_second: 0,
      error_rate: null,
      first_byte_ms_p50: null,
    });
    const before = page.messages.length;
    await idle(600);
    expect(page.messages.length).toBe(before);
  });

  test("gets at most four messages a second, whatever happens", async () => {
    const page = await opened();
    const before = page.messages.length;
    for (let tick = 0; tick < 400; tick++) {
      fleet.agent("a").tell({ cpu_usage: tick % 100 });
      await bench.clock.advance(5);
    }
    expect(page.messages.length - before).toBeLessThanOrEqual(9);
    expect(page.messages.length - before).toBeGreaterThanOrEqual(8);
    const last = page.last;
    expect(last.type === "diff" && last.agents).toEqual({
      changed: [{ id: "a", cpu_usage: expect.any(Number) }],
      gone: [],
    });
  });

  test("is told what to ask for again, and who waits to be let in until that is over", async () => {
    const page = await opened();
    const { keys, settings, models: lists } = page.shown.revisions;
    await bench.brain.createKey({ name: "k", permissions: ["infer"], path: false });
    await bench.brain.putSettings({ resume_window_s: 20 });
    await bench.brain.askPairing(
      { machine_name: "new", ip_address: "", ollama_version: "", ollama_port: 11_434 },
      null,
    );
    await bench.clock.advance(FEED.interval_ms);
    expect(page.shown.revisions).toMatchObject({ keys: keys + 1, settings: settings + 1, models: lists });
    expect(page.shown.pairings).toMatchObject([{ machine_name: "new" }]);
    expect(page.shown.events.map(({ kind }) => kind).slice(0, 3)).toEqual([
      "pairing_asked",
      "settings_changed",
      "key_created",
    ]);
    fleet.agent("a").tell({ models: models("other") });
    await bench.clock.advance(FEED.interval_ms);
    expect(page.shown.revisions.models).toBe(lists + 1);
    await bench.clock.advance(3_600_000);
    expect(page.shown.pairings).toEqual([]);
  });

  test("that is removed from says so, and a renamed one is only renamed", async () => {
    const page = await opened();
    await bench.brain.deleteAgent("b");
    await bench.brain.patchAgent("a", { name: "first", tags: ["gpu"] });
    await bench.clock.advance(FEED.interval_ms);
    const last = page.last;
    expect(last.type === "diff" && last.agents).toEqual({
      changed: [{ id: "a", name: "first", tags: ["gpu"] }],
      gone: ["b"],
    });
  });
});

describe("a page that lags", () => {
  test("gets nothing more until it has acknowledged, and then one snapshot", async () => {
    const page = await opened();
    const other = await opened();
    page.acknowledges = false;
    const work = async (seconds: number): Promise<void> => {
      for (let tick = 0; tick < seconds * 4; tick++) {
        fleet.agent("a").tell({ cpu_usage: bench.now() % 97 });
        await bench.clock.advance(FEED.interval_ms);
      }
    };
    const before = page.messages.length;
    await work(10);
    expect(page.messages.length - before).toBe(FEED.unacknowledged);
    expect(other.messages.length).toBeGreaterThan(38);
    page.acknowledge(page.last.version - 1);
    await work(1);
    expect(page.messages.length - before).toBe(FEED.unacknowledged);
    page.acknowledges = true;
    page.acknowledge();
    await work(1);
    expect(page.messages.slice(before + FEED.unacknowledged).map(({ type }) => type)).toEqual([
      "snapshot",
      "diff",
      "diff",
      "diff",
    ]);
    expect(page.shown).toEqual(other.shown);
  });

  test("is closed when it says nothing for a minute", async () => {
    const page = await opened();
    page.acknowledges = false;
    for (let tick = 0; tick < 320; tick++) {
      fleet.agent("a").tell({ cpu_usage: tick % 97 });
      await bench.clock.advance(FEED.interval_ms);
    }
    expect(page.closed?.code).toBe(FEED_CLOSE.lagging);
    expect(bench.brain.feed.pages).toBe(0);
  });

  test("whose socket holds back what it was sent gets a snapshot once that has left", async () => {
    const page = await opened();
    page.held = 1_000_000;
    fleet.agent("a").tell({ cpu_usage: 1 });
    await bench.clock.advance(5_000);
    expect(page.messages.length).toBe(1);
    page.held = 0;
    await bench.clock.advance(2_000);
    expect(page.messages.map(({ type }) => type)).toEqual(["snapshot", "snapshot"]);
    expect(page.shown.agents[0]?.cpu_usage).toBe(1);
  });
});

describe("what a page says", () => {
  test.each([
    ["text that is no JSON", "hello"],
    ["another message", '{"type":"subscribe"}'],
    ["an acknowledgement of nothing", '{"type":"ack"}'],
    ["an acknowledgement with more in it", '{"type":"ack","version":1,"x":1}'],
    ["bytes", new Uint8Array([1])],
  ])("%s ends it", async (_, message) => {
    const page = await opened();
    page.say(message);
    expect(page.closed?.code).toBe(FEED_CLOSE.bad_message);
    expect(bench.brain.feed.pages).toBe(0);
  });

  test("a ping is answered", async () => {
    const page = await opened();
    page.say("ping");
    expect(page.texts).toEqual(["pong"]);
  });

  test("a ping is not answered while the page does not read what it was sent: answers would pile up", async () => {
    const page = await opened();
    page.held = 1_000_000;
    page.say("ping");
    expect(page.texts).toEqual([]);
    expect(page.closed).toBeUndefined();
  });
});

describe("who may look no longer", () => {
  const tokenId = async (name: string): Promise<string> => {
    const made = await bench.brain.createAccessToken({ name, role: "viewer" });
    return made.ok ? made.value.id : "";
  };

  test("is closed when the session is over", async () => {
    const page = FakePage.open(bench.brain, { until: bench.now() + 15_000 });
    await bench.clock.advance(14_000);
    expect(page.closed).toBeUndefined();
    await bench.clock.advance(10_000);
    expect(page.closed?.code).toBe(FEED_CLOSE.unauthorized);
  });

  test("is closed when the token is revoked, and nobody else", async () => {
    const token_id = await tokenId("mine");
    const [mine, other] = [
      FakePage.open(bench.brain, { token_id }),
      FakePage.open(bench.brain, { token_id: await tokenId("other") }),
    ];
    await bench.brain.deleteAccessToken(token_id);
    expect(mine.closed?.code).toBe(FEED_CLOSE.unauthorized);
    expect(other.closed).toBeUndefined();
  });

  test("whose token was revoked while it was on its way is closed at once", async () => {
    const token_id = await tokenId("watcher");
    expect(FakePage.open(bench.brain, { token_id }).closed).toBeUndefined();
    await bench.brain.deleteAccessToken(token_id);
    const late = FakePage.open(bench.brain, { token_id });
    expect(late.closed?.code).toBe(FEED_CLOSE.unauthorized);
    await idle(1);
    expect(late.messages).toEqual([]);
  });

  test("whose session was signed out of is closed at once, in every tab", async () => {
    const [one, two, other, program] = [
      FakePage.open(bench.brain, { session_id: "s1" }),
      FakePage.open(bench.brain, { session_id: "s1" }),
      FakePage.open(bench.brain, { session_id: "s2" }),
      FakePage.open(bench.brain),
    ];
    await bench.brain.signOut("admin", "s1");
    for (const page of [one, two]) expect(page.closed?.code).toBe(FEED_CLOSE.unauthorized);
    await bench.brain.signOut("admin");
    for (const page of [other, program]) expect(page.closed).toBeUndefined();
  });
});

test("an error in the look at what time has changed is logged, and the look goes on", async () => {
  const page = FakePage.open(bench.brain, { until: bench.now() + 1_000 });
  page.close = () => {
    throw new Error("the socket is odd");
  };
  const other = FakePage.open(bench.brain, { until: bench.now() + 15_000 });
  await idle(30);
  expect(bench.logged.filter(({ level }) => level === "error").length).toBe(1);
  expect(other.closed?.code).toBe(FEED_CLOSE.unauthorized);
});

test("a page that cannot be told anything does not end the others, which are told everything anew", async () => {
  const odd = await opened();
  const other = await opened();
  const { send } = odd;
  odd.send = () => {
    throw new Error("the socket is odd");
  };
  fleet.agent("a").tell({ cpu_usage: 1 });
  await bench.clock.advance(FEED.interval_ms);
  odd.send = send;
  fleet.agent("a").tell({ cpu_usage: 2 });
  await bench.clock.advance(FEED.interval_ms);
  expect(odd.last.type).toBe("snapshot");
  expect([odd.shown.agents[0]?.cpu_usage, other.shown.agents[0]?.cpu_usage]).toEqual([2, 2]);
});

test("without a page nothing is set up, and after the last one nothing is left", async () => {
  const before = bench.clock.timers;
  fleet.agent("a").tell({ cpu_usage: 3 });
  expect(bench.clock.timers).toBe(before);
  const page = await opened();
  expect(bench.clock.timers).toBeGreaterThan(before);
  page.leave();
  expect(bench.clock.timers).toBe(before);
});

test("pages that were there before a sleep are told nothing until something changes, and then everything", async () => {
  fleet.agent("a").lose();
  fleet.agent("b").lose();
  await bench.clock.advance(60_000);
  const page = await opened();
  const before = page.messages.length;
  bench.restart();
  page.restore(bench.brain);
  bench.brain.watch();
  await bench.clock.advance(60_000);
  expect(page.messages.length).toBe(before);
  await bench.brain.patchAgent("a", { note: "new" });
  await bench.clock.advance(FEED.interval_ms);
  expect(page.messages.slice(before).map(({ type }) => type)).toEqual(["snapshot"]);
  expect(page.shown.agents[0]?.note).toBe("new");
  expect(page.shown.events.length).toBeGreaterThan(1);
});
