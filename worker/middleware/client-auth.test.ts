import { createHash } from "node:crypto";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createApp } from "../app.ts";
import { sha256 } from "../edge/sha256.ts";
import type { ForwardedCall, Host } from "../host.ts";
import { ADMIN_TOKEN, bench, signIn, tokenOf, VIEWER_TOKEN } from "../routes/management/testing/bench.ts";

/** The whole app on a host whose cell lets every caller do everything. */
async function clientBench(config: Partial<Host["config"]> = {}) {
  const { host } = await bench(config);
  const forwarded: ForwardedCall[] = [];
  host.cell = {
    ...host.cell,
    mayCall: async () => ({ ok: true, value: null }),
    tags: async () => ({ ok: true, value: [] }),
  };
  host.forward = async (_c, call) => {
    forwarded.push(call);
    return new Response("forwarded");
  };
  const app = createApp(() => host);
  const chat = (headers: Record<string, string>): Promise<Response> =>
    Promise.resolve(
      app.request("http://box/api/chat", {
        method: "POST",
        headers: { host: "box", "content-type": "application/json", ...headers },
        body: '{"model":"m"}',
      }),
    );
  return { app, host, forwarded, chat };
}

describe("the client API with the dashboard's session", () => {
  test("is the admin's, and neither cookie nor CSRF token goes on to a machine", async () => {
    const on = await clientBench();
    const { cookie, csrf } = await signIn(on);
    const answer = await on.chat({ cookie, "x-csrf-token": csrf, accept: "text/plain" });
    expect(answer.status).toBe(200);
    expect(on.forwarded).toMatchObject([{ caller: { kind: "admin" } }]);
    expect(on.forwarded[0]?.headers).toEqual([
      ["content-type", "application/json"],
      ["accept", "text/plain"],
    ]);
    expect(JSON.stringify(on.forwarded)).not.toContain(csrf);
  });

  test.each([
    ["POST", "/api/chat"],
    ["POST", "/api/pull"],
    ["DELETE", "/api/delete"],
    ["POST", "/v1/messages"],
  ])("%s %s needs the CSRF token", async (method, path) => {
    const on = await clientBench();
    const { cookie } = await signIn(on);
    for (const sent of [{}, { "x-csrf-token": "0".repeat(64) }]) {
      const headers = { cookie, ...sent };
      const answer = await on.app.request(path, { method, headers });
      expect(answer.status).toBe(403);
      expect(answer.headers.get("x-coordinator-error")).toBe("forbidden");
      expect(await answer.text()).toContain("x-csrf-token");
    }
    expect(on.forwarded).toEqual([]);
  });

  test("reading needs none", async () => {
    const on = await clientBench();
    const { cookie } = await signIn(on);
    expect((await on.app.request("/api/tags", { headers: { cookie } })).status).toBe(200);
  });

  test("is not for viewers, who use no machine", async () => {
    const on = await clientBench();
    const { cookie, csrf } = await signIn(on, VIEWER_TOKEN);
    expect((await on.chat({ cookie, "x-csrf-token": csrf })).status).toBe(403);
    expect((await on.app.request("/api/tags", { headers: { cookie } })).status).toBe(403);
    expect(on.forwarded).toEqual([]);
  });

  test("a key that is sent counts, not the cookie beside it", async () => {
    const on = await clientBench();
    const { cookie, csrf } = await signIn(on);
    const headers = { cookie, "x-csrf-token": csrf, authorization: `Bearer ${tokenOf("key", 4)}` };
    expect((await on.chat(headers)).status).toBe(401);
  });

  test("a cookie that is no session is nothing", async () => {
    const on = await clientBench();
    expect((await on.chat({ cookie: "oc_session=x.y", "x-csrf-token": "x" })).status).toBe(401);
  });

  test("is not offered to other origins: no answer allows them credentials", async () => {
    const on = await clientBench();
    const { cookie } = await signIn(on);
    const headers = { cookie, origin: "https://evil.example" };
    const answer = await on.app.request("/api/tags", { headers });
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    const asked = await on.app.request("/api/chat", {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    expect(asked.headers.get("access-control-allow-credentials")).toBeNull();
  });
});

test("without keys a session without its CSRF token, and a viewer's, is anybody", async () => {
  const on = await clientBench({ clientAuth: "off" });
  const admin = await signIn(on);
  const viewer = await signIn(on, VIEWER_TOKEN);
  await on.chat({ cookie: admin.cookie });
  await on.chat({ cookie: viewer.cookie, "x-csrf-token": viewer.csrf });
  await on.chat({ cookie: admin.cookie, "x-csrf-token": admin.csrf });
  expect(on.forwarded.map(({ caller }) => caller.kind)).toEqual(["anonymous", "anonymous", "admin"]);
});

test("the admin token is a key for everything", async () => {
  const on = await clientBench();
  expect((await on.chat({ authorization: `Bearer ${ADMIN_TOKEN}` })).status).toBe(200);
});

describe("whoever guesses the admin token by the client API", () => {
  const CHOSEN = "correct-horse-battery";

  test("is not told when it is right, after ten wrong ones, for ten minutes", async () => {
    vi.useFakeTimers({ now: 1_000_000, toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const on = await clientBench({ adminTokenHash: await sha256(CHOSEN) });
    const tryOne = async (key: string): Promise<number> =>
      (await on.chat({ authorization: `Bearer ${key}` })).status;
    for (let at = 0; at < 9; at++) expect(await tryOne(`wrong-${at}`)).toBe(401);
    expect(await tryOne(CHOSEN)).toBe(200);
    expect(await tryOne("wrong")).toBe(401);
    expect(await tryOne(CHOSEN)).toBe(401);
    vi.setSystemTime(1_000_000 + 600_000);
    expect(await tryOne(CHOSEN)).toBe(200);
  });

  test("gains nothing by sending all guesses at once", async () => {
    const on = await clientBench({ adminTokenHash: await sha256(CHOSEN) });
    on.host.sha256 = async (text) => createHash("sha256").update(text).digest("hex");
    const guesses = [...Array.from({ length: 10 }, (_, at) => `wrong-${at}`), CHOSEN];
    const answers = await Promise.all(guesses.map((guess) => on.chat({ "x-api-key": guess })));
    expect(answers.map(({ status }) => status)).toEqual(guesses.map(() => 401));
  });

  test("locks out nobody whose token cannot be guessed, and tokens of other kinds are no guesses", async () => {
    const on = await clientBench();
    for (let at = 0; at < 12; at++) await on.chat({ "x-api-key": "ollama" });
    expect((await on.chat({ authorization: `Bearer ${ADMIN_TOKEN}` })).status).toBe(200);
    const chosen = await clientBench({ adminTokenHash: await sha256(CHOSEN) });
    for (let at = 0; at < 12; at++) await chosen.chat({ authorization: `Bearer ${tokenOf("agent", at)}` });
    expect((await chosen.chat({ authorization: `Bearer ${CHOSEN}` })).status).toBe(200);
  });
});
