import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SessionView } from "../../../shared/api/session.ts";
import { sha256 } from "../../edge/sha256.ts";
import type { Host } from "../../host.ts";
import { mac } from "../../middleware/mac.ts";
import { encodeText } from "./page.ts";
import { ADMIN_TOKEN, bench, signIn, tokenOf, VIEWER_TOKEN } from "./testing/bench.ts";
import { ACCESS_ID, AGENT_ID, accessTokenNamed } from "./testing/fake-cell.ts";

const HOUR = 3_600_000;
const START = Date.parse("2026-05-01T00:00:00.000Z");
const PATH = "/api/admin/session";
const ADMIN_HASH = await sha256(ADMIN_TOKEN);

beforeEach(() => vi.useFakeTimers({ now: START, toFake: ["Date"] }));
afterEach(() => vi.useRealTimers());

/** Hashes are ready in the order in which they were asked for. */
function inTurn(host: Host): void {
  host.sha256 = async (text) => createHash("sha256").update(text).digest("hex");
}

const whoAmI = (on: Awaited<ReturnType<typeof bench>>, cookie: string): Promise<Response> =>
  Promise.resolve(on.app.request(PATH, { headers: { cookie } }));

describe("signing in", () => {
  test("answers who that is, with a cookie that only this coordinator's pages send and no script reads", async () => {
    const on = await bench();
    const { answer, cookie, csrf } = await signIn(on);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toEqual({
      role: "admin",
      name: "admin",
      via: "token",
      expires_at: new Date(START + 12 * HOUR).toISOString(),
      csrf_token: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(answer.headers.get("set-cookie")).toMatch(
      /^oc_session=[\w-]+\.[0-9a-f]{64}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(cookie).not.toContain(csrf);
    expect(decodeURIComponent(cookie)).not.toContain(ADMIN_TOKEN);
    expect(on.world.journal).toEqual([
      ["signIn", { name: "admin", role: "admin", callerAddress: "192.0.2.9", guessable: false }],
    ]);
  });

  test("over https the cookie never goes over http, also when it is renewed", async () => {
    const on = await bench();
    const answer = await on.app.request(`https://ai.example${PATH}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: ADMIN_TOKEN }),
    });
    const set = answer.headers.get("set-cookie") ?? "";
    expect(set).toContain("; Secure");
    vi.setSystemTime(START + 2 * HOUR);
    // The platform behind a proxy may not see how the browser came.
    const again = await whoAmI(on, set.split(";")[0] ?? "");
    expect(again.headers.get("set-cookie")).toContain("; Secure");
  });

  test("a viewer's token makes a viewer's session", async () => {
    const on = await bench();
    const { cookie, answer } = await signIn(on, VIEWER_TOKEN);
    expect(await answer.json()).toMatchObject({ role: "viewer", name: "watcher" });
    expect(await (await whoAmI(on, cookie)).json()).toMatchObject({ role: "viewer", name: "watcher" });
    const list = (path: string) => on.app.request(path, { headers: { cookie } });
    expect((await list("/api/agents")).status).toBe(200);
    expect((await list("/api/admin/tokens")).status).toBe(403);
  });

  test.each([
    ["another coordinator's admin token", tokenOf("admin", 9)],
    ["a made-up one", "wrong"],
    ["a client key", tokenOf("key", 4)],
    ["the admin token's hash", ADMIN_HASH],
  ])("%s is refused, without a cookie", async (_, token) => {
    const { answer } = await signIn(await bench(), token);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(await answer.text()).not.toContain(token);
  });

  test.each([{}, { token: "" }, { token: 1 }, { token: "x".repeat(1_001) }, { token: "x", role: "admin" }])(
    "%j is no request for a session",
    async (body) => {
      const { ask } = await bench();
      expect((await ask("POST", PATH, body)).status).toBe(400);
    },
  );

  test("a form that another site's page could send is refused", async () => {
    const { app } = await bench();
    const body = JSON.stringify({ token: ADMIN_TOKEN });
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const answer = await app.request(PATH, { method: "POST", headers: { "content-type": type }, body });
      expect(answer.status).toBe(400);
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
  });

  test("is closed while no admin token is set", async () => {
    const { answer } = await signIn(await bench({ adminTokenHash: undefined }));
    expect(answer.status).toBe(503);
  });
});

describe("a session", () => {
  test("ends 12 hours after its last use", async () => {
    const on = await bench();
    const { cookie } = await signIn(on);
    vi.setSystemTime(START + 12 * HOUR - 1);
    expect((await whoAmI(on, cookie)).status).toBe(200);
    vi.setSystemTime(START + 12 * HOUR);
    expect((await whoAmI(on, cookie)).status).toBe(401);
  });

  test("that is used is renewed once an hour, and ends after 7 days all the same", async () => {
    const on = await bench();
    let { cookie } = await signIn(on);
    let renewals = 0;
    for (let at = START; at < START + 7 * 24 * HOUR; at += HOUR / 2) {
      vi.setSystemTime(at);
      const answer = await whoAmI(on, cookie);
      expect(answer.status).toBe(200);
      const set = answer.headers.get("set-cookie");
      if (set === null) continue;
      renewals++;
      cookie = set.split(";")[0] ?? "";
    }
    expect(renewals).toBe(111);
    vi.setSystemTime(START + 7 * 24 * HOUR);
    expect((await whoAmI(on, cookie)).status).toBe(401);
  });

  test("keeps its CSRF token when it is renewed: a page that is open works on", async () => {
    const on = await bench();
    const { cookie, csrf } = await signIn(on);
    vi.setSystemTime(START + 2 * HOUR);
    const answer = await whoAmI(on, cookie);
    const renewed = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
    expect(renewed).not.toBe(cookie);
    const view: SessionView = await answer.json();
    expect(view.csrf_token).toBe(csrf);
  });

  test("is void once the coordinator has another admin token", async () => {
    const { cookie } = await signIn(await bench());
    const changed = await bench({ adminTokenHash: await sha256(tokenOf("admin", 9)) });
    expect((await whoAmI(changed, cookie)).status).toBe(401);
  });

  test("of a further token ends when that one is revoked, at once", async () => {
    const on = await bench();
    const { cookie } = await signIn(on, VIEWER_TOKEN);
    expect((await whoAmI(on, cookie)).status).toBe(200);
    on.world.accessTokens.length = 0;
    expect((await whoAmI(on, cookie)).status).toBe(401);
  });

  test("of a further token says when that one ends, where it is sooner", async () => {
    const on = await bench();
    const expires_at = new Date(START + HOUR).toISOString();
    on.world.accessTokens[0] = { view: { ...accessTokenNamed("watcher"), expires_at }, token: VIEWER_TOKEN };
    const { cookie, answer } = await signIn(on, VIEWER_TOKEN);
    expect(await answer.json()).toMatchObject({ expires_at });
    expect(await (await whoAmI(on, cookie)).json()).toMatchObject({ expires_at });
  });

  test("has the role that its token has now", async () => {
    const on = await bench();
    const { cookie } = await signIn(on, VIEWER_TOKEN);
    on.world.accessTokens[0] = { view: accessTokenNamed("watcher", "admin", ACCESS_ID), token: VIEWER_TOKEN };
    expect(await (await whoAmI(on, cookie)).json()).toMatchObject({ role: "admin" });
  });

  test("does not make a wrong token good", async () => {
    const on = await bench();
    const { cookie } = await signIn(on);
    const headers = { cookie, authorization: "Bearer wrong" };
    expect((await on.app.request("/api/agents", { headers })).status).toBe(401);
  });

  test("is told without a CSRF token to whoever comes by a token: none is needed", async () => {
    const { ask } = await bench();
    expect(await (await ask("GET", PATH)).json()).toEqual({
      role: "admin",
      name: "admin",
      via: "token",
      expires_at: null,
      csrf_token: "",
    });
  });
});

describe("a cookie that is not ours", () => {
  const session = {
    id: AGENT_ID,
    role: "admin",
    name: "admin",
    token_id: null,
    since: START,
    seen: START,
    secure: false,
  };
  const signed = async (content: unknown, secret = ADMIN_HASH): Promise<string> => {
    const payload = encodeText(typeof content === "string" ? content : JSON.stringify(content));
    return `${payload}.${await mac(secret, "session", payload)}`;
  };

  test("the forger of these tests would get in with the right key", async () => {
    const on = await bench();
    expect((await whoAmI(on, `oc_session=${await signed(session)}`)).status).toBe(200);
  });

  test.each<[string, () => Promise<string> | string]>([
    ["signed with another key", async () => await signed(session, await sha256("other"))],
    [
      "signed for another purpose",
      async () => `${encodeText("x")}.${await mac(ADMIN_HASH, "csrf", encodeText("x"))}`,
    ],
    ["without a signature", () => encodeText(JSON.stringify(session))],
    ["with an empty signature", () => `${encodeText(JSON.stringify(session))}.`],
    ["with a field too many", () => signed({ ...session, x: 1 })],
    ["with a field too few", () => signed({ ...session, since: undefined })],
    ["of an unknown role", () => signed({ ...session, role: "owner" })],
    ["that is no JSON", () => signed("{")],
    ["with a third part", async () => `${await signed(session)}.x`],
    ["that began never", () => signed({ ...session, since: null })],
    ["of a token that never was", () => signed({ ...session, token_id: AGENT_ID })],
    ["of bytes", () => "%00%ff.%zz"],
    ["empty", () => ""],
  ])("%s is no session", async (_, make) => {
    const answer = await whoAmI(await bench(), `oc_session=${await make()}`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  test("does not hide ours, where a page of a neighbouring domain has put one before it", async () => {
    const on = await bench();
    const { cookie } = await signIn(on);
    const forged = `oc_session=${await signed(session, "other")}`;
    expect((await whoAmI(on, `oc_session=; oc_session=x; ${forged}; a=b; ${cookie}`)).status).toBe(200);
    expect((await whoAmI(on, `oc_session=; oc_session=x; ${forged}; a=b; x${cookie}`)).status).toBe(401);
  });

  test("with any one character changed is no session", async () => {
    const on = await bench();
    const { cookie } = await signIn(on, VIEWER_TOKEN);
    for (let at = "oc_session=".length; at < cookie.length; at += 7) {
      const other = cookie[at] === "A" ? "B" : "A";
      const changed = cookie.slice(0, at) + other + cookie.slice(at + 1);
      expect((await whoAmI(on, changed)).status).toBe(401);
    }
  });
});

describe("signing out", () => {
  test("takes the cookie away", async () => {
    const on = await bench();
    const { cookie, csrf } = await signIn(on);
    vi.setSystemTime(START + 2 * HOUR);
    const headers = { cookie, "x-csrf-token": csrf };
    const answer = await on.app.request(PATH, { method: "DELETE", headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()).toEqual([
      "oc_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict",
    ]);
    // Its open feeds end with it.
    expect(on.world.journal.at(-1)).toEqual(["signOut", "admin", expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  });

  test("is for viewers, too", async () => {
    const on = await bench();
    const { cookie, csrf } = await signIn(on, VIEWER_TOKEN);
    const headers = { cookie, "x-csrf-token": csrf };
    expect((await on.app.request(PATH, { method: "DELETE", headers })).status).toBe(204);
  });
});

describe("who was wrong too often", () => {
  const CHOSEN = "correct-horse-battery";

  test("is told when to try again, and then not even a right token that a person made up is looked at", async () => {
    const on = await bench({ adminTokenHash: await sha256(CHOSEN) });
    expect((await signIn(on, CHOSEN)).answer.status).toBe(200);
    on.world.guessedTooOftenS = 300;
    const refused = await signIn(on, "wrong");
    expect(refused.answer.status).toBe(429);
    expect(refused.answer.headers.get("retry-after")).toBe("300");
    expect(await refused.answer.json()).toMatchObject({ code: "rate_limited" });
    on.world.journal.length = 0;
    expect((await signIn(on, CHOSEN)).answer.status).toBe(429);
    const bearer = { authorization: `Bearer ${CHOSEN}` };
    const answer = await on.app.request("/api/agents", { headers: bearer });
    expect(answer.status).toBe(429);
    expect(answer.headers.get("retry-after")).toBe("300");
    // Known here by now: a flood costs no round trip.
    expect(on.world.journal).toEqual([]);
    vi.setSystemTime(START + 300_000);
    expect((await on.app.request("/api/agents", { headers: bearer })).status).toBe(200);
  });

  test("gains nothing by sending all guesses at once", async () => {
    const on = await bench({ adminTokenHash: await sha256(CHOSEN) });
    inTurn(on.host);
    const guesses = [...Array.from({ length: 30 }, (_, at) => `wrong-${at}`), CHOSEN];
    const answers = await Promise.all(
      guesses.map((guess) =>
        on.app.request("/api/agents", { headers: { authorization: `Bearer ${guess}` } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(guesses.map((_, at) => (at < 10 ? 401 : 429)));
    expect(answers.at(-1)?.headers.get("retry-after")).toBe("600");
    vi.setSystemTime(START + 600_000);
    expect((await signIn(on, CHOSEN)).answer.status).toBe(200);
  });

  test("does not lock out a token that nobody could have guessed", async () => {
    const on = await bench();
    on.world.guessedTooOftenS = 300;
    expect((await signIn(on, "wrong")).answer.status).toBe(429);
    expect((await signIn(on)).answer.status).toBe(200);
    expect((await signIn(on, VIEWER_TOKEN)).answer.status).toBe(200);
    expect((await on.ask("GET", "/api/agents")).status).toBe(200);
  });
});

test("the admin token by Bearer costs no round trip but the one that it is for", async () => {
  const on = await bench();
  await on.ask("GET", "/api/agents");
  expect(on.world.journal).toEqual([["listAgents"]]);
});
