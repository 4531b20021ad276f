import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { type Call, World } from "./testing/world.ts";

// A second or two each; more on a machine that others use too.
vi.setConfig({ testTimeout: 30_000 });

/** A tape of numbers decides every step, so that fast-check can cut a failure short. */
const tape = fc.array(fc.nat({ max: 0xff_ffff }), { maxLength: 2_500, size: "max" });

const SIZES = [1, 7, 300, 4_096, 16_383, 16_384, 16_385, 40_000, 100_001];
const WINDOWS = [LIMITS.window_bytes, 64 * 1024, 40_000, LIMITS.window_floor_bytes];
const CALLS = 12;
/** The pattern has 3 MiB for one direction of a stream. */
const MOST = 1_500_000;

interface Chaos {
  losses: boolean;
  cancels: boolean;
}

function step(world: World, number: number, chaos: Chaos): void {
  const choice = number % 32;
  const value = number >>> 5;
  const size = SIZES[value % SIZES.length] ?? 1;
  const call: Call | undefined = world.calls[value % Math.max(1, world.calls.length)];
  if (choice < 4) world.turns[choice % 2 === 0 ? "opener" : "acceptor"].end();
  else if (choice < 8) world.drain(choice % 2 === 0 ? "agent" : "coordinator");
  else if (choice < 12) {
    if (choice % 2 === 0) world.deliverToCoordinator(value);
    else world.deliverToAgent();
  } else if (choice === 12) {
    if (world.calls.length < CALLS) world.open();
  } else if (choice === 13) world.dial();
  else if (choice === 14) {
    if (chaos.losses && value % 3 === 0) world.loseAtAgent((value >>> 4) % 4);
  } else if (choice === 15) {
    if (chaos.losses && value % 3 === 0) world.loseAtCoordinator((value >>> 4) % 4);
  } else if (choice === 16) {
    world.window = WINDOWS[value % WINDOWS.length] ?? LIMITS.window_bytes;
    if (value % 2 === 0) world.opener.shrink();
  } else if (call !== undefined) stepCall(world, call, choice, size, value, chaos);
}

function stepCall(world: World, call: Call, choice: number, size: number, value: number, chaos: Chaos): void {
  const { client, server } = call;
  if (choice < 20 && client.written < MOST) client.write(size);
  else if (choice < 22) client.consume(size * 3);
  else if (choice < 23) client.finish();
  else if (choice < 25) server?.consume(size * 2);
  else if (choice < 29) {
    world.respond(call);
    if (server !== undefined && server.written < MOST) server.write(size);
  } else if (choice === 29 && value % 4 === 0) {
    world.respond(call);
    server?.finish({ completion_tokens: size });
  } else if (chaos.cancels && value % 8 === 0) {
    call.disturbed = true;
    if (choice === 30) client.giveUp("cancelled");
    else if (value % 16 === 0) server?.giveUp("ollama_cut");
    else if (server !== undefined && !server.ended && server.failures.length === 0 && !server.gaveUp) {
      server.ended = true;
      server.stream?.endWith("ollama_cut");
    }
  }
}

function run(numbers: readonly number[], chaos: Chaos): World {
  const world = new World();
  world.dial();
  for (const number of numbers) {
    step(world, number, chaos);
    world.check();
  }
  world.settle();
  return world;
}

function atRest(world: World): void {
  const none = { streams: 0, received_held: 0, received_held_max: 0, sent_held: 0 };
  expect(world.opener.gauge()).toEqual(none);
  expect(world.acceptor.gauge()).toEqual(none);
  expect([world.opener.link.waiting, world.acceptor.link.waiting]).toEqual([0, 0]);
}

/** Nobody interfered: both directions arrived whole, whatever the network did. */
function complete({ client, server }: Call): void {
  expect(server).toBeDefined();
  expect([client.heads, client.ends, client.failures]).toEqual([1, 1, []]);
  expect([server?.received, client.received]).toEqual([client.written, server?.written]);
  // The answer may have ended before all of the request was there: then the agent hears that the rest is not coming.
  const outcome = [server?.ends, server?.failures];
  if (server?.ends === 0) expect(outcome).toEqual([0, ["cancelled"]]);
  else expect(outcome).toEqual([1, []]);
}

/** Somebody gave up: each side still hears of exactly one outcome, or is the one that gave up. */
function over({ client, server }: Call): void {
  expect(client.ends + client.failures.length + (client.gaveUp ? 1 : 0)).toBe(1);
  expect(client.heads).toBeLessThanOrEqual(1);
  for (const failure of client.failures) expect(["ollama_cut"]).toContain(failure);
  if (server === undefined) return;
  expect(server.ends).toBeLessThanOrEqual(1);
  expect(server.failures.length).toBeLessThanOrEqual(1);
  expect(server.ends + server.failures.length + (server.gaveUp ? 1 : 0)).toBeGreaterThanOrEqual(1);
}

describe("a coordinator and an agent on a network", () => {
  test("TN9: on a good network every byte arrives once and in order, and no receiver holds more than a window", () => {
    fc.assert(
      fc.property(tape, (numbers) => {
        const world = run(numbers, { losses: false, cancels: false });
        for (const call of world.calls) expectWhole(call);
        atRest(world);
      }),
      { numRuns: 150 },
    );
  });

  test("TN12, TN21: with sockets lost at any moment every byte arrives once and in order, and no request runs twice", () => {
    fc.assert(
      fc.property(tape, (numbers) => {
        const world = run(numbers, { losses: true, cancels: false });
        for (const call of world.calls) expectWhole(call);
        // A request that runs twice throws in the world; here none was forgotten.
        expect(world.accepted).toBe(world.calls.length);
        atRest(world);
      }),
      { numRuns: 150 },
    );
  });

  test("TN13, TN16: cancelled from both ends in the middle of losses, each side has one outcome and nothing is left", () => {
    fc.assert(
      fc.property(tape, (numbers) => {
        const world = run(numbers, { losses: true, cancels: true });
        for (const call of world.calls) {
          if (call.disturbed) over(call);
          else expectWhole(call);
        }
        atRest(world);
      }),
      { numRuns: 150 },
    );
  });
});

/** An answer that ends early leaves the rest of its request unsent; everything else is complete. */
function expectWhole(call: Call): void {
  const { client, server } = call;
  if (server !== undefined && server.ends === 0) {
    expect([client.heads, client.ends, client.failures]).toEqual([1, 1, []]);
    expect(client.received).toBe(server.written);
    expect(server.failures).toEqual(["cancelled"]);
    return;
  }
  complete(call);
}
