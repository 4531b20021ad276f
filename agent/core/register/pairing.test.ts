import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeClock } from "../../testing/fake-clock.ts";
import { FakeCoordinator } from "../../testing/fake-coordinator.ts";
import { Journal } from "../../testing/journal.ts";
import type { AgentEvent } from "../observer.ts";
import { DIRECT } from "../proxy.ts";
import { type Paired, pair } from "./pairing.ts";
import { Patience } from "./patience.ts";

const POLL_MS = 3_000;
const LIFETIME_MS = 600_000;

let coordinator: FakeCoordinator;
let clock: FakeClock;
let events: Journal<AgentEvent>;
let patience: Patience;
beforeEach(async () => {
  coordinator = await FakeCoordinator.start();
  clock = new FakeClock();
  events = new Journal();
  patience = new Patience(clock);
});
afterEach(() => coordinator.stop());

function start(): Promise<Paired> {
  const machine = () => ({ machine_name: "m", ip_address: "", ollama_version: "", ollama_port: 11434 });
  const { push: observe } = events;
  return pair(coordinator.url, machine, { clock, random: () => 0.5, proxy: DIRECT, observe, patience });
}

const shown = () => events.find((event) => (event.type === "pairing" ? event : undefined));
const told = (count: number) => events.count((event) => event.type === "retrying", count);
const polls = (count: number) => coordinator.journal.count((event) => event.type === "poll", count);
const answer = (response: ServerResponse, status: number, headers: Record<string, string>, body: string) =>
  void response.writeHead(status, headers).end(body);

/** The next poll is due; time goes on until it is sent. */
async function poll(count: number): Promise<void> {
  await clock.timer(POLL_MS);
  clock.advance(POLL_MS);
  await polls(count);
}

test("a machine asks without any token, shows its code, and polls with its secret until it is let in", async () => {
  const paired = start();
  expect(await shown()).toEqual({
    type: "pairing",
    code: "XKCD-4821",
    dashboardUrl: `${coordinator.url}/dashboard`,
    expiresAt: "2026-01-31T12:10:00.000Z",
  });
  await poll(1);
  await poll(2);
  coordinator.pairing = "approved";
  await poll(3);
  expect(await paired).toMatchObject({ type: "paired", agent: { agent_token: "agent-token-1" } });
  expect(coordinator.journal.entries).toMatchObject([
    { type: "registration", authorization: undefined, body: { machine_name: "m" } },
    ...Array.from({ length: 3 }, () => ({ type: "poll", authorization: "Bearer pairing-secret-1" })),
  ]);
  expect(clock.pending).toEqual([]);
});

test.each([
  ["rejected", "rejected", "was not let in"],
  ["expired", "expired", "not valid any more"],
  ["forgotten", "expired", "not valid any more"],
] as const)("a machine that is %s is told why and what to do", async (state, why, text) => {
  const paired = start();
  await shown();
  coordinator.pairing = state;
  await poll(1);
  expect(await paired).toEqual({
    type: "not_paired",
    why,
    message: expect.stringMatching(new RegExp(`${text}.*start the agent again`)),
  });
});

test("a code that is over is not polled for any more, even if the coordinator never says so", async () => {
  coordinator.pollAfterMs = 30_000;
  const paired = start();
  await shown();
  let asked = 0;
  for (let since = 0; since < LIFETIME_MS + 60_000; since += 30_000) {
    await clock.timer(30_000);
    clock.advance(30_000);
    await polls(++asked);
  }
  expect(await paired).toMatchObject({
    type: "not_paired",
    why: "expired",
    message: expect.stringContaining("nobody let this machine in"),
  });
  expect(asked).toBe(22);
});

test.each([0, 5, 999_999_999])(
  "a coordinator that wants to be asked every %i ms is asked at a sane pace",
  async (ms) => {
    coordinator.pollAfterMs = ms;
    void start();
    await shown();
    await clock.timer(ms < 500 ? 500 : 30_000);
    patience.stop();
  },
);

describe("what is in the way while it polls", () => {
  test.each([
    ["a network that breaks", (response: ServerResponse) => void response.destroy()],
    [
      "a login page",
      (response: ServerResponse) => answer(response, 200, { "content-type": "text/html" }, "<html>"),
    ],
    [
      "a proxy's refusal",
      (response: ServerResponse) => answer(response, 403, { "content-type": "text/html" }, "no"),
    ],
    [
      "a redirect",
      (response: ServerResponse) => answer(response, 302, { location: "http://login.example" }, ""),
    ],
    ["a coordinator that restarts", (response: ServerResponse) => answer(response, 502, {}, "")],
  ])("%s decides nothing: it is told, and the code shown again afterwards", async (_, trouble) => {
    const paired = start();
    await shown();
    const { register } = coordinator;
    coordinator.register = (_request, response) => trouble(response);
    await poll(1);
    await told(1);
    await poll(2);
    await told(2);
    coordinator.register = register;
    await poll(3);
    await events.count((event) => event.type === "pairing", 2);
    coordinator.pairing = "approved";
    await poll(4);
    expect(await paired).toMatchObject({ type: "paired" });
    const reasons = events.entries.flatMap((event) => (event.type === "retrying" ? [event.reason] : []));
    for (const reason of reasons) expect(reason).not.toMatch(/\n|pairing-secret-1/);
  });
});

describe("a coordinator that lets nobody ask now", () => {
  test("because twenty machines wait is asked again when it says, and that is told", async () => {
    const { register } = coordinator;
    const full = '{"error":"20 machines wait","code":"rate_limited"}';
    coordinator.register = (_request, response) =>
      answer(response, 429, { "content-type": "application/json", "retry-after": "7" }, full);
    const paired = start();
    await told(1);
    expect(events.entries.at(-1)).toMatchObject({
      inMs: 7_000,
      reason: expect.stringContaining("HTTP 429: 20 machines wait"),
    });
    coordinator.register = register;
    coordinator.pairing = "approved";
    await clock.timer(7_000);
    clock.advance(7_000);
    await poll(1);
    expect(await paired).toMatchObject({ type: "paired" });
  });

  test("is asked again within half a minute, whatever it says", async () => {
    coordinator.register = (_request, response) => answer(response, 429, { "retry-after": "600" }, "");
    const paired = start();
    await clock.timer(30_000);
    patience.stop();
    expect(await paired).toEqual({ type: "stopped" });
  });
});

test("a coordinator that knows no pairing asks for a join token, in one line", async () => {
  coordinator.register = (_request, response) =>
    answer(
      response,
      401,
      { "content-type": "application/json" },
      '{"error":"a token is required","code":"unauthorized"}',
    );
  expect(await start()).toEqual({
    type: "fatal",
    message: `${coordinator.url} lets no machine in without a join token (HTTP 401: a token is required): give one with JOIN_TOKEN or --join-token`,
  });
});

test("what is no coordinator is named as such", async () => {
  coordinator.register = (_request, response) =>
    answer(response, 200, { "content-type": "text/html" }, "hello");
  expect(await start()).toMatchObject({
    type: "fatal",
    message: expect.stringContaining("is not a coordinator (HTTP 200, text/html)"),
  });
});

test("a code that would do something to the terminal that shows it is none", async () => {
  const asked = {
    status: "pending",
    pairing_code: "XKCD\u001b[2J-4821",
    pairing_secret: "secret",
    expires_at: "2026-01-31T12:10:00.000Z",
    poll_after_ms: 3_000,
  };
  coordinator.register = (_request, response) =>
    answer(response, 202, { "content-type": "application/json" }, JSON.stringify(asked));
  expect(await start()).toMatchObject({ type: "fatal" });
  expect(events.entries.map(({ type }) => type)).toEqual(["registering"]);
});

test("stopped while it waits, it ends at once and leaves no timer", async () => {
  const paired = start();
  await clock.timer(POLL_MS);
  patience.stop();
  expect(await paired).toEqual({ type: "stopped" });
  expect(clock.pending).toEqual([]);
});

test("stopped while nobody answers its asking, it ends at once", async () => {
  coordinator.register = () => {};
  const paired = start();
  await coordinator.journal.find((event) => (event.type === "registration" ? true : undefined));
  patience.stop();
  expect(await paired).toEqual({ type: "stopped" });
});

test("stopped while the token is on its way, it still takes it", async () => {
  const { register } = coordinator;
  coordinator.pairing = "approved";
  const paired = start();
  await shown();
  coordinator.register = (request, response) => {
    patience.stop();
    register.call(coordinator, request, response);
  };
  await poll(1);
  expect(await paired).toMatchObject({ type: "paired" });
});
