import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../app.ts";
import type { Viewer } from "../coordinator/feed/page.ts";
import type { Host } from "../host.ts";
import { ADMIN_TOKEN, bench } from "../routes/management/testing/bench.ts";

const AUDIENCE = "aud-of-the-application";
const { privateKey, publicKey } = await generateKeyPair("RS256");
const stranger = await generateKeyPair("RS256");

let server: Server;
let team = "";
let fetches = 0;

beforeAll(async () => {
  const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "RS256" };
  server = createServer((request, response) => {
    fetches++;
    response.statusCode = request.url === "/cdn-cgi/access/certs" ? 200 : 404;
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  team = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

interface Claims {
  email?: string;
  issuer?: string;
  audience?: string;
  expires?: string | Date;
}

const sign = (claims: Claims = {}, key = privateKey): Promise<string> =>
  new SignJWT(claims.email === "" ? {} : { email: claims.email ?? "Ann@Example.com" })
    .setProtectedHeader({ alg: "RS256", kid: "one" })
    .setIssuer(claims.issuer ?? team)
    .setAudience(claims.audience ?? AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(claims.expires ?? "5m")
    .sign(key);

const on = (config: Partial<Host["config"]> = {}) =>
  bench({
    access: {
      teamDomain: team,
      audience: AUDIENCE,
      admins: ["ann@example.com"],
      viewers: ["ann@example.com", "@example.com"],
    },
    ...config,
  });
const withJwt = (token: string): { headers: Record<string, string> } => ({
  headers: { "cf-access-jwt-assertion": token },
});

describe("whom Access has let in", () => {
  test.each([
    ["ann@example.com", "admin"],
    ["ANN@EXAMPLE.COM", "admin"],
    ["bob@example.com", "viewer"],
  ])("%s is %s, by header and by cookie, under that name", async (email, role) => {
    const { app } = await on();
    const token = await sign({ email });
    for (const request of [withJwt(token), { headers: { cookie: `CF_Authorization=${token}` } }]) {
      const answer = await app.request("/api/admin/session", request);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({
        role,
        name: email.toLowerCase(),
        via: "access",
        expires_at: expect.stringMatching(/^20\d\d-/),
        csrf_token: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
    }
  });

  test.each(["eve@evil.example", "eve@example.com.evil.example", "example.com", "x@notexample.com"])(
    "%s is in no list and gets nothing, and is told so",
    async (email) => {
      const answer = await (await on()).app.request("/api/agents", withJwt(await sign({ email })));
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ error: expect.stringContaining("ACCESS_VIEWERS") });
    },
  );

  test("is not taken for somebody else whose letters only look alike", async () => {
    const { app } = await on({
      access: { teamDomain: team, audience: AUDIENCE, admins: ["kim@example.com"], viewers: ["*"] },
    });
    const roleOf = async (email: string): Promise<unknown> =>
      (await app.request("/api/admin/session", withJwt(await sign({ email })))).json();
    expect(await roleOf("KIM@example.com")).toMatchObject({ role: "admin" });
    // The Kelvin sign, which becomes a plain k where all of Unicode is written small.
    expect(await roleOf("\u212Aim@example.com")).toMatchObject({ role: "viewer" });
  });

  test("changes something only with the CSRF token, as whoever they are", async () => {
    const { app, world } = await on();
    const { headers } = withJwt(await sign());
    const change = (more: Record<string, string>) =>
      app.request("/api/admin/tokens/x", { method: "DELETE", headers: { ...headers, ...more } });
    expect((await change({})).status).toBe(403);
    const { csrf_token } = (await (await app.request("/api/admin/session", { headers })).json()) as {
      csrf_token: string;
    };
    expect((await change({ "x-csrf-token": csrf_token })).status).toBe(404);
    expect(world.journal).toEqual([["deleteAccessToken", "x", "ann@example.com"]]);
  });

  test("look on with an open feed no longer than Access let them in", async () => {
    const { host } = await on();
    const whole = createApp(() => host);
    const viewers: Viewer[] = [];
    host.acceptDashboard = async (_c, viewer) => {
      viewers.push(viewer);
      return new Response("accepted");
    };
    const end = Math.floor(Date.now() / 1_000) + 300;
    const token = await sign({ expires: new Date(end * 1_000) });
    const origin = "https://ai.example";
    const headers = { ...withJwt(token).headers, upgrade: "websocket", origin };
    expect((await whole.request(`${origin}/ws/dashboard`, { headers })).status).toBe(200);
    expect(viewers).toEqual([{ token_id: null, until: end * 1_000 }]);
  });

  test("without an admin token on the coordinator is nobody: there is nothing to sign a CSRF token with", async () => {
    const { host } = await on({ adminTokenHash: undefined });
    const answer = await createApp(() => host).request("/api/tags", withJwt(await sign()));
    expect(answer.status).toBe(401);
  });

  test("may use a token beside it, which then counts", async () => {
    const { app } = await on();
    const headers = { ...withJwt(await sign({ email: "bob@example.com" })).headers };
    const answer = await app.request("/api/admin/session", {
      headers: { ...headers, authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(await answer.json()).toMatchObject({ role: "admin", name: "admin" });
  });
});

describe("a token of Access that is not valid", () => {
  test.each<[string, () => Promise<string>]>([
    ["signed by a stranger", () => sign({}, stranger.privateKey)],
    ["of another team", () => sign({ issuer: "https://other.cloudflareaccess.com" })],
    ["for another application", () => sign({ audience: "other" })],
    ["expired", () => sign({ expires: "-1s" })],
    ["without a signature", async () => `${(await sign()).split(".").slice(0, 2).join(".")}.`],
    [
      "signed by nobody",
      async () => `${btoa('{"alg":"none"}').replace(/=/g, "")}.${(await sign()).split(".")[1]}.`,
    ],
    ["that is none", async () => "x.y.z"],
  ])("%s lets nobody in", async (_, make) => {
    const answer = await (await on()).app.request("/api/agents", withJwt(await make()));
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: "unauthorized" });
  });

  test("without an email is a service's, and no person", async () => {
    const answer = await (await on()).app.request("/api/agents", withJwt(await sign({ email: "" })));
    expect(answer.status).toBe(403);
  });
});

test("the keys are fetched once for many requests", async () => {
  const { app } = await on();
  const request = withJwt(await sign());
  await app.request("/api/agents", request);
  const before = fetches;
  for (let at = 0; at < 5; at++) await app.request("/api/agents", request);
  expect(fetches).toBe(before);
});

test("keys that cannot be fetched are said to be that, and not the person's fault", async () => {
  const { app } = await bench({
    access: { teamDomain: "http://127.0.0.1:1", audience: AUDIENCE, admins: ["*"], viewers: [] },
  });
  const answer = await app.request("/api/agents", withJwt(await sign()));
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: "access_unavailable" });
});

test("an environment that is wrong lets nobody in by Access, and the token still works", async () => {
  const { app, ask } = await bench({ access: { fault: "ACCESS_AUD is missing" } });
  const answer = await app.request("/api/agents", withJwt(await sign()));
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ code: "not_configured", error: "ACCESS_AUD is missing" });
  expect((await ask("GET", "/api/agents")).status).toBe(200);
});

test("where Access is not used its header is nothing", async () => {
  const { app } = await bench();
  expect((await app.request("/api/agents", withJwt(await sign()))).status).toBe(401);
});
