import { beforeEach, describe, expect, test } from "vitest";
import { PAIRING, type PairingAsked, type PairingView } from "../../../shared/api/pairing.ts";
import type { RegisterRequest } from "../../../shared/api/register.ts";
import { isToken } from "../../../shared/lib/token.ts";
import type { Result } from "../api.ts";
import { Bench, fakeDeps, uuid } from "../testing/bench.ts";
import { FakeAgent } from "../testing/fake-agent.ts";
import { turn } from "../testing/turn.ts";
import { MOST_WAITING } from "./room.ts";

const { sha256 } = fakeDeps();
const HOUR_MS = 3_600_000;

let on: Bench;
beforeEach(() => {
  on = new Bench();
});

const machine = (name = "desk", over: Partial<RegisterRequest> = {}): RegisterRequest => ({
  machine_name: name,
  ip_address: "10.0.0.1",
  ollama_version: "0.20.0",
  ollama_port: 11434,
  ...over,
});

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const ask = async (name = "desk", from: string | null = "192.0.2.1"): Promise<PairingAsked> =>
  value(await on.brain.askPairing(machine(name), from));
const fetched = async ({ pairing_secret }: PairingAsked) =>
  on.brain.fetchPairing(await sha256(pairing_secret));
const waiting = async (): Promise<string[]> =>
  (await on.brain.listPairings()).map(({ machine_name }) => machine_name);
const status = (result: Result<unknown>): number => (result.ok ? 200 : result.error.status);

/** As many machines as may wait, all from one address. */
async function crowd(from = "192.0.2.66"): Promise<PairingAsked[]> {
  const all: PairingAsked[] = [];
  for (let at = 0; at < MOST_WAITING; at++) {
    await on.clock.advance(1);
    all.push(await ask(`crowd-${at}`, from));
  }
  return all;
}

async function tokenOf(pairing: PairingAsked): Promise<string> {
  const got = value(await fetched(pairing));
  if (!("agent_token" in got)) throw new Error("nobody has let it in");
  return got.agent_token;
}

const ownerOf = async (token: string): Promise<string | undefined> =>
  (await on.brain.findAgentByToken(await sha256(token)))?.agent_id;

describe("a machine that asks to be let in", () => {
  test("waits until its code is typed, and then is an agent with a token of its own", async () => {
    const asked = await ask();
    expect(asked).toMatchObject({
      status: "pending",
      pairing_code: expect.stringMatching(/^[A-Z]{4}-\d{4}$/),
      expires_at: new Date(on.now() + PAIRING.lifetime_ms).toISOString(),
      poll_after_ms: 3_000,
    });
    expect(isToken("pairing", asked.pairing_secret)).toBe(true);
    expect(value(await fetched(asked))).toEqual({
      status: "pending",
      expires_at: asked.expires_at,
      poll_after_ms: 3_000,
    });
    expect(await on.brain.listAgents()).toEqual([]);

    const agent = value(await on.brain.approvePairing(asked.pairing_code));
    expect(agent).toMatchObject({ name: "desk", status: "offline", ollama_version: "0.20.0" });
    const token = await tokenOf(asked);
    expect(isToken("agent", token)).toBe(true);
    expect(await ownerOf(token)).toBe(agent.id);
    expect(await waiting()).toEqual([]);
  });

  test("is listed with what it says, where it asks from, and neither its code nor its secret", async () => {
    const gpus = [{ name: "card", memory_total_mb: 8_192 }];
    const said = machine("tower", { os: "linux", agent_version: "0.1.0", gpus });
    const asked = value(await on.brain.askPairing(said, "2001:db8::7"));
    const listed = await on.brain.listPairings();
    expect(listed).toEqual([
      {
        id: expect.any(String),
        machine_name: "tower",
        ip_address: "10.0.0.1",
        caller_address: "2001:db8::7",
        os: "linux",
        agent_version: "0.1.0",
        ollama_version: "0.20.0",
        gpus,
        created_at: new Date(on.now()).toISOString(),
        expires_at: asked.expires_at,
      },
    ]);
    await on.brain.settle();
    const kept = JSON.stringify([listed, [...on.store.pairings.values()], on.history.events, on.logged]);
    for (const secret of [asked.pairing_secret, asked.pairing_code]) expect(kept).not.toContain(secret);
  });

  test("is let in by a code that is typed carelessly, and gets a name that is free", async () => {
    const first = await ask();
    const second = await ask();
    const careless = first.pairing_code.toLowerCase().replace("-", "  ");
    expect(value(await on.brain.approvePairing(careless)).name).toBe("desk");
    expect(value(await on.brain.approvePairing(second.pairing_code)).name).toBe("desk-2");
  });

  test("that is let in twice is one agent", async () => {
    const asked = await ask();
    const [one, two] = await Promise.all([
      on.brain.approvePairing(asked.pairing_code),
      on.brain.approvePairing(asked.pairing_code),
    ]);
    expect(value(one).id).toBe(value(two).id);
    expect(await on.brain.listAgents()).toHaveLength(1);
  });

  test("that is rejected is told so and can be let in no more", async () => {
    const asked = await ask();
    expect(value(await on.brain.rejectPairing({ code: asked.pairing_code }))).toBeNull();
    expect(await fetched(asked)).toMatchObject({ error: { status: 403, code: "rejected" } });
    expect(await on.brain.approvePairing(asked.pairing_code)).toMatchObject({ error: { status: 410 } });
    expect(await on.brain.rejectPairing({ code: asked.pairing_code })).toMatchObject({
      error: { status: 410 },
    });
  });

  test("can be rejected by its id, so that junk goes whose code nobody sees", async () => {
    const asked = await ask();
    const [listed] = await on.brain.listPairings();
    expect(status(await on.brain.rejectPairing({ id: listed?.id ?? "" }))).toBe(200);
    expect(status(await fetched(asked))).toBe(403);
    expect(status(await on.brain.rejectPairing({ id: listed?.id ?? "" }))).toBe(404);
    expect(status(await on.brain.rejectPairing({ id: uuid(1) }))).toBe(404);
  });

  test("and is in cannot be rejected any more, and an operator who tries hears that it is in", async () => {
    const asked = await ask();
    value(await on.brain.approvePairing(asked.pairing_code));
    const rejected = await on.brain.rejectPairing({ code: asked.pairing_code });
    expect(rejected).toMatchObject({
      error: { status: 409, message: expect.stringContaining("agent 'desk'") },
    });
    expect(await tokenOf(asked)).toMatch(/^oca_/);
  });

  test("and an operator who comes too late are both told that it is over", async () => {
    const asked = await ask();
    await on.clock.advance(PAIRING.lifetime_ms - 1);
    expect(status(await fetched(asked))).toBe(200);
    await on.clock.advance(1);
    expect(await fetched(asked)).toMatchObject({ error: { status: 410, code: "expired" } });
    expect(await on.brain.approvePairing(asked.pairing_code)).toMatchObject({ error: { status: 410 } });
    expect(await waiting()).toEqual([]);
  });

  test("with a secret that was never given out is nobody", async () => {
    await ask();
    expect(await on.brain.fetchPairing(await sha256("made up"))).toMatchObject({
      error: { status: 401, code: "unauthorized" },
    });
  });
});

describe("the token", () => {
  test("can be fetched again when the answer was lost, and each makes the one before it void", async () => {
    const asked = await ask();
    const { id } = value(await on.brain.approvePairing(asked.pairing_code));
    const lost = await tokenOf(asked);
    expect(await ownerOf(lost)).toBe(id);
    const kept = await tokenOf(asked);
    expect(kept).not.toBe(lost);
    expect(await ownerOf(lost)).toBeUndefined();
    expect(await ownerOf(kept)).toBe(id);
  });

  test("is not given out again once its machine has connected", async () => {
    const asked = await ask();
    const { id } = value(await on.brain.approvePairing(asked.pairing_code));
    const token = await tokenOf(asked);
    const agent = new FakeAgent({ id, name: "desk" });
    agent.dial(on.brain, on.now);
    await turn();
    expect(await fetched(asked)).toMatchObject({ error: { status: 410 } });
    agent.lose();
    expect(await fetched(asked)).toMatchObject({ error: { status: 410 } });
    expect(await ownerOf(token)).toBe(id);
  });

  test("waits ten minutes from the moment the machine was let in", async () => {
    const asked = await ask();
    await on.clock.advance(PAIRING.lifetime_ms - 1);
    value(await on.brain.approvePairing(asked.pairing_code));
    await on.clock.advance(PAIRING.lifetime_ms - 1);
    expect(isToken("agent", await tokenOf(asked))).toBe(true);
    await on.clock.advance(1);
    expect(status(await fetched(asked))).toBe(410);
  });

  test("that nobody ever fetched leaves no agent behind, and one that was fetched does", async () => {
    const never = await ask("never");
    const late = await ask("late");
    for (const { pairing_code } of [never, late]) value(await on.brain.approvePairing(pairing_code));
    const token = await tokenOf(late);
    await on.clock.advance(PAIRING.lifetime_ms);
    const again = await ask("never");
    expect((await on.brain.listAgents()).map(({ name }) => name)).toEqual(["late"]);
    expect(value(await on.brain.approvePairing(again.pairing_code)).name).toBe("never");
    expect(await ownerOf(token)).toBeDefined();
    expect(status(await fetched(never))).toBe(410);
  });

  test("of an agent that was removed meanwhile is none", async () => {
    const asked = await ask();
    const { id } = value(await on.brain.approvePairing(asked.pairing_code));
    await on.brain.deleteAgent(id);
    expect(status(await fetched(asked))).toBe(410);
    expect(status(await on.brain.approvePairing(asked.pairing_code))).toBe(410);
  });
});

describe("a restart of the coordinator", () => {
  test("forgets nobody who waits, was let in, rejected or too late", async () => {
    const late = await ask("late");
    await on.clock.advance(PAIRING.lifetime_ms - 1);
    const [pending, approved, refused] = [await ask("pending"), await ask("approved"), await ask("refused")];
    value(await on.brain.approvePairing(approved.pairing_code));
    value(await on.brain.rejectPairing({ code: refused.pairing_code }));
    await on.clock.advance(1);
    on.restart();
    expect(await waiting()).toEqual(["pending"]);
    expect(status(await fetched(late))).toBe(410);
    expect(status(await fetched(refused))).toBe(403);
    expect(isToken("agent", await tokenOf(approved))).toBe(true);
    on.restart();
    expect(value(await on.brain.approvePairing(pending.pairing_code)).name).toBe("pending");
    expect(isToken("agent", await tokenOf(pending))).toBe(true);
  });

  test("that comes before the change is stored leaves the machine waiting", async () => {
    const asked = await ask();
    on.store.refuses = true;
    await expect(on.brain.approvePairing(asked.pairing_code)).rejects.toThrow(/full/);
    await expect(on.brain.askPairing(machine("other"), null)).rejects.toThrow(/full/);
    on.store.refuses = false;
    expect([await waiting(), await on.brain.listAgents()]).toEqual([["desk"], []]);
    expect(status(await on.brain.approvePairing(asked.pairing_code))).toBe(200);
  });
});

describe("a flood", () => {
  test("finds at most twenty places, which come free by deciding, and by time", async () => {
    const all = await crowd();
    const refused = await on.brain.askPairing(machine("late"), "192.0.2.66");
    expect(refused).toMatchObject({ error: { status: 429, code: "rate_limited" } });
    // The first of them asked nineteen milliseconds ago.
    expect(refused.ok ? 0 : refused.error.retryAfterS).toBe(600);
    value(await on.brain.rejectPairing({ code: all[7]?.pairing_code ?? "" }));
    await ask("late", "192.0.2.66");
    expect(status(await on.brain.askPairing(machine("later"), "192.0.2.66"))).toBe(429);
    await on.clock.advance(PAIRING.lifetime_ms);
    expect(await waiting()).toEqual([]);
  });

  test("from one address gives way to a machine that comes from another, which stays", async () => {
    const flood = await crowd();
    const person = await ask("person", "198.51.100.1");
    expect((await waiting()).filter((name) => name === "person")).toEqual(["person"]);
    expect((await waiting()).length).toBe(MOST_WAITING);
    expect(status(await fetched(flood[0] as PairingAsked))).toBe(410);
    for (let at = 0; at < 100; at++) await on.brain.askPairing(machine("more"), "192.0.2.66");
    expect(status(await fetched(person))).toBe(200);
    expect(value(await on.brain.approvePairing(person.pairing_code)).name).toBe("person");
  });

  test("from all networks of one IPv6 customer is one caller's, who has 65,536 of them", async () => {
    for (let at = 0; at < MOST_WAITING; at++) await ask(`m${at}`, `2001:db8:1:${at.toString(16)}::1`);
    expect(status(await on.brain.askPairing(machine(), "2001:db8:1:ffff::"))).toBe(429);
    expect(status(await on.brain.askPairing(machine(), "2001:db8:2::1"))).toBe(200);
  });

  test("from many addresses takes nobody's only place", async () => {
    const person = await ask("person", "198.51.100.1");
    for (let at = 0; at < 100; at++) await on.brain.askPairing(machine("junk"), `203.0.113.${at}`);
    expect(await waiting()).toContain("person");
    expect(status(await fetched(person))).toBe(200);
  });

  test("of asking and being rejected ends for its caller, and not for others", async () => {
    const asking = async (): Promise<number> => {
      const result = await on.brain.askPairing(machine("junk"), "192.0.2.66");
      if (result.ok) value(await on.brain.rejectPairing({ code: result.value.pairing_code }));
      return status(result);
    };
    for (let at = 0; at < 40; at++) expect(await asking()).toBe(200);
    expect(await asking()).toBe(429);
    await ask("person", "198.51.100.1");
    await on.clock.advance(PAIRING.lifetime_ms);
    expect(await asking()).toBe(200);
  });

  test("leaves nothing behind", async () => {
    for (let at = 0; at < 300; at++) {
      const { pairing_code } = await ask("junk", `203.0.113.${at % 200}`);
      value(await on.brain.rejectPairing({ code: pairing_code }));
    }
    expect(on.store.pairings.size).toBeLessThanOrEqual(102);
    await on.clock.advance(PAIRING.lifetime_ms + HOUR_MS);
    on.store.refuses = true;
    await on.brain.prune();
    expect(on.logged.map(({ message }) => message)).toContain(
      "pairings could not be pruned; tried again later",
    );
    on.store.refuses = false;
    await on.brain.prune();
    expect(on.store.pairings.size).toBe(0);
  });
});

test("one machine that asks again has a second code, and the first one holds", async () => {
  const first = await ask();
  const second = await ask();
  expect(second.pairing_code).not.toBe(first.pairing_code);
  for (const asked of [first, second]) expect(status(await fetched(asked))).toBe(200);
});

describe("typing codes", () => {
  const wrong = (at: number): string => `XXXX-${String(1_000 + at)}`;

  test("that no machine shows is refused after ten of them, even the right one, until time has passed", async () => {
    const asked = await ask();
    for (let at = 0; at < 10; at++) {
      const tried =
        at % 2 === 0 ? on.brain.approvePairing(wrong(at)) : on.brain.rejectPairing({ code: wrong(at) });
      expect(await tried).toMatchObject({ error: { status: 404 } });
    }
    expect(await on.brain.approvePairing(asked.pairing_code)).toMatchObject({
      error: { status: 429, code: "rate_limited", retryAfterS: 600 },
    });
    await on.clock.advance(PAIRING.lifetime_ms);
    expect(status(await on.brain.approvePairing((await ask("again")).pairing_code))).toBe(200);
  });

  test("that are none is no guess, and says what one looks like", async () => {
    const asked = await ask();
    for (let at = 0; at < 20; at++) {
      expect(await on.brain.approvePairing("XKCD")).toMatchObject({
        error: { status: 400, fields: { code: expect.stringContaining("XKCD-4821") } },
      });
    }
    expect(status(await on.brain.approvePairing(asked.pairing_code))).toBe(200);
  });
});

test("who asked, was let in and was rejected, and wrong codes, are events", async () => {
  const [one, two] = [await ask("one"), await ask("two")];
  const { id } = value(await on.brain.approvePairing(one.pairing_code));
  value(await on.brain.rejectPairing({ code: two.pairing_code }));
  await on.brain.approvePairing("XXXX-0000");
  await on.brain.settle();
  const events = on.history.events.filter(({ kind }) => kind.startsWith("pairing_"));
  expect(events.map(({ kind, agent_id }) => [kind, agent_id])).toEqual([
    ["pairing_asked", null],
    ["pairing_asked", null],
    ["pairing_approved", id],
    ["pairing_rejected", null],
    ["pairing_code_unknown", null],
  ]);
  expect(JSON.parse(events[0]?.detail ?? "")).toMatchObject({
    machine_name: "one",
    caller_address: "192.0.2.1",
  });
});

test("the list is in the order in which they asked", async () => {
  for (const name of ["a", "b", "c"]) {
    await ask(name);
    await on.clock.advance(1_000);
  }
  const listed: PairingView[] = await on.brain.listPairings();
  expect(listed.map(({ machine_name }) => machine_name)).toEqual(["a", "b", "c"]);
});
