import { beforeEach, describe, expect, test } from "vitest";
import { accessTokenView } from "../../../shared/api/access-tokens.ts";
import { isToken } from "../../../shared/lib/token.ts";
import type { SignIn } from "../api.ts";
import { Bench } from "../testing/bench.ts";

const MINUTE = 60_000;
const HOME = "192.0.2.1";

let on: Bench;
beforeEach(() => {
  on = new Bench();
});

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function make(name: string, more: { role?: "admin" | "viewer"; expires_at?: string } = {}) {
  const made = await on.brain.createAccessToken({ name, role: "viewer", ...more }, "ann");
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

const status = async (hash: string, from: string | null = HOME): Promise<number> => {
  const checked = await on.brain.checkToken(hash, from);
  return checked.ok ? 200 : checked.error.status;
};

async function events(): Promise<{ kind: string; actor: string | null; detail: Record<string, unknown> }[]> {
  await on.brain.settle();
  return on.history.events.map(({ kind, actor, detail }) => ({ kind, actor, detail: JSON.parse(detail) }));
}

describe("a further token", () => {
  test("is shown once, kept as a hash, and known by it, also after a restart", async () => {
    const made = await make("watcher");
    expect(isToken("admin", made.token)).toBe(true);
    expect(made.token.startsWith(made.prefix)).toBe(true);
    const hash = await sha256(made.token);
    on.restart();
    expect(await on.brain.checkToken(hash, HOME)).toMatchObject({ ok: true, value: { name: "watcher" } });
    const [listed] = await on.brain.listAccessTokens();
    expect(accessTokenView.strict().parse(listed)).toMatchObject({ name: "watcher", role: "viewer" });
    expect(JSON.stringify([...on.store.accessTokens.values()])).not.toContain(made.token);
  });

  test("ends when it expires, and is listed all the same", async () => {
    const expires_at = new Date(on.now() + MINUTE).toISOString();
    const made = await make("short", { expires_at });
    const hash = await sha256(made.token);
    expect(await status(hash)).toBe(200);
    await on.clock.advance(MINUTE);
    expect(await status(hash)).toBe(401);
    expect(await on.brain.findAccessToken(made.id)).toBeUndefined();
    expect(await on.brain.listAccessTokens()).toMatchObject([{ expires_at }]);
  });

  test("is gone at once when it is revoked, and no other with it", async () => {
    const [gone, stays] = [await make("gone"), await make("stays")];
    expect(await on.brain.deleteAccessToken(gone.id, "ann")).toEqual({ ok: true, value: null });
    expect(await on.brain.deleteAccessToken(gone.id, "ann")).toMatchObject({ error: { status: 404 } });
    expect(await status(await sha256(gone.token))).toBe(401);
    expect(await on.brain.findAccessToken(gone.id)).toBeUndefined();
    expect(await on.brain.findAccessToken(stays.id)).toMatchObject({ name: "stays" });
  });

  test.each(["Watcher", "admin", "ADMIN"])(
    "may not be called %s, since the events tell people by name",
    async (name) => {
      await make("watcher");
      expect(await on.brain.createAccessToken({ name, role: "viewer" })).toMatchObject({
        error: { status: 409, fields: { name: expect.any(String) } },
      });
    },
  );

  test("is in the events with who made and revoked it, and without its secret", async () => {
    const { id, token } = await make("watcher", { role: "admin" });
    await on.brain.deleteAccessToken(id, "bob");
    const told = { id, name: "watcher", role: "admin", expires_at: null };
    expect(await events()).toEqual([
      { kind: "access_token_created", actor: "ann", detail: told },
      { kind: "access_token_revoked", actor: "bob", detail: told },
    ]);
    const written = JSON.stringify(on.history.events);
    for (const secret of [token, await sha256(token)]) expect(written).not.toContain(secret);
  });
});

describe("wrong tokens", () => {
  const wrong = async (times: number, from: string | null = HOME): Promise<number[]> => {
    const seen: number[] = [];
    for (let at = 0; at < times; at++) seen.push(await status(`wrong ${at}`, from));
    return seen;
  };

  test("ten in ten minutes are looked at, then none, until time has passed", async () => {
    expect(await wrong(12)).toEqual([...Array(10).fill(401), 429, 429]);
    const refused = await on.brain.checkToken("wrong", HOME);
    expect(refused).toMatchObject({ error: { code: "rate_limited", retryAfterS: 600 } });
    await on.clock.advance(10 * MINUTE);
    expect(await wrong(1)).toEqual([401]);
  });

  test("the tenth says already that the next is one too many: whoever asks need not ask again", async () => {
    await wrong(9);
    expect(await on.brain.checkToken("wrong", HOME)).toMatchObject({
      error: { status: 401, retryAfterS: 600 },
    });
  });

  test("of one caller keep no other out, and all of an IPv6 network is one", async () => {
    await wrong(10, "2001:db8:1:2::3");
    expect(await status("wrong", "2001:db8:1:ffff::9")).toBe(429);
    expect(await status("wrong", "2001:db8:2::1")).toBe(401);
    expect(await status("wrong", null)).toBe(401);
  });

  test("that a program goes on sending after they were revoked count for nothing", async () => {
    for (let at = 0; at < 20; at++) {
      expect(await on.brain.checkToken("revoked", HOME, false)).toMatchObject({ error: { status: 401 } });
    }
    expect(await status("wrong", HOME)).toBe(401);
  });

  test("do not keep out who has a right one that nobody could guess", async () => {
    const { token } = await make("watcher");
    await wrong(10);
    expect(await status(await sha256(token))).toBe(200);
  });

  test("keep out a token that a person made up, right as it is, and say nothing of it", async () => {
    const who: SignIn = { name: "admin", role: "admin", callerAddress: HOME, guessable: true };
    expect(await on.brain.signIn(who)).toEqual({ ok: true, value: null });
    await wrong(10);
    expect(await on.brain.signIn(who)).toMatchObject({ error: { status: 429, retryAfterS: 600 } });
    expect(await on.brain.signIn({ ...who, guessable: false })).toEqual({ ok: true, value: null });
    expect(await on.brain.signIn({ ...who, callerAddress: "192.0.2.2" })).toEqual({ ok: true, value: null });
  });

  test("are told twice a caller, not once a guess", async () => {
    await wrong(50);
    const detail = (attempts: number) => ({ caller_address: HOME, attempts, limited: attempts === 10 });
    expect(await events()).toEqual([
      { kind: "login_failed", actor: null, detail: detail(1) },
      { kind: "login_failed", actor: null, detail: detail(10) },
    ]);
  });

  test("of a flood from everywhere are a hundred events in ten minutes, and it goes on after that", async () => {
    for (let at = 0; at < 3_000; at++) await status("wrong", `10.0.${at >> 8}.${at & 255}`);
    expect((await events()).length).toBe(100);
    await on.clock.advance(10 * MINUTE);
    await status("wrong", "192.0.2.77");
    expect((await events()).length).toBe(101);
  });
});

test("who comes and goes is an event with a name", async () => {
  await on.brain.signIn({ name: "watcher", role: "viewer", callerAddress: HOME, guessable: false });
  await on.brain.signOut("watcher");
  expect(await events()).toEqual([
    { kind: "login", actor: "watcher", detail: { role: "viewer", caller_address: HOME } },
    { kind: "logout", actor: "watcher", detail: {} },
  ]);
});
