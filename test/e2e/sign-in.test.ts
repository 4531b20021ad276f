import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AccessTokenCreated } from "../../shared/api/access-tokens.ts";
import type { SessionView } from "../../shared/api/session.ts";
import { admin, type TestHost } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";

const AUDIENCE = "aud-of-the-tests";

describe.concurrent.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("signing in, on %s", (_name, startHost) => {
  describe("one by one", { concurrent: false }, () => {
    let host: TestHost;
    let keys: Server;
    let team = "";
    let accessKey: CryptoKey;

    beforeAll(async () => {
      const pair = await generateKeyPair("RS256");
      accessKey = pair.privateKey;
      const jwk = { ...(await exportJWK(pair.publicKey)), kid: "one", alg: "RS256" };
      keys = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
      await new Promise<void>((resolve) => keys.listen(0, "127.0.0.1", resolve));
      team = `http://127.0.0.1:${(keys.address() as AddressInfo).port}`;
      host = await startHost({
        env: {
          ADMIN_TOKEN: "a-word-that-a-person-chose",
          ACCESS_TEAM_DOMAIN: team,
          ACCESS_AUD: AUDIENCE,
          ACCESS_ADMINS: "@example.com",
        },
      });
    });
    afterAll(async () => {
      keys.close();
      await host.stop();
    });

    const signIn = (token: string): Promise<Response> =>
      fetch(`${host.url}/api/admin/session`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token }),
      });
    /** A browser's headers once somebody has signed in. */
    const sessionOf = async (token: string): Promise<{ cookie: string; "x-csrf-token": string }> => {
      const answer = await signIn(token);
      const [cookie = ""] = (answer.headers.get("set-cookie") ?? "").split(";");
      const view = (await answer.json()) as SessionView;
      return { cookie, "x-csrf-token": view.csrf_token };
    };
    const ask = async (method: string, path: string, headers: object, body?: object): Promise<number> => {
      const sent = { method, headers: { ...headers, "content-type": "application/json" } };
      const answer = await fetch(host.url + path, {
        ...sent,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      await answer.arrayBuffer();
      return answer.status;
    };
    const chat = { model: "m", messages: [] };

    test("a session reads, changes with its CSRF token only, uses the client API, and goes", async () => {
      const refused = await signIn("oct_wrong");
      expect([refused.status, refused.headers.get("set-cookie")]).toEqual([401, null]);
      const session = await sessionOf(host.adminToken);
      const { cookie } = session;
      expect(await ask("GET", "/api/agents", { cookie })).toBe(200);
      expect(await ask("POST", "/api/admin/keys", { cookie }, { name: "k" })).toBe(403);
      expect(await ask("POST", "/api/admin/keys", session, { name: "k" })).toBe(201);
      expect(await ask("POST", "/api/chat", { cookie }, chat)).toBe(403);
      // Let in: what is missing is a machine.
      expect(await ask("POST", "/api/chat", session, chat)).toBe(503);
      const left = await fetch(`${host.url}/api/admin/session`, {
        method: "DELETE",
        headers: { ...session },
      });
      expect([left.status, left.headers.get("set-cookie")]).toEqual([
        204,
        expect.stringContaining("oc_session=; Max-Age=0;"),
      ]);
    });

    test("a viewer looks and changes nothing, until the token is revoked", async () => {
      const made = await admin<AccessTokenCreated>(host, "POST", "/api/admin/tokens", { name: "ann" });
      const session = await sessionOf(made.token);
      for (const headers of [session, { authorization: `Bearer ${made.token}` }]) {
        expect(await ask("GET", "/api/admin/keys", headers)).toBe(200);
        expect(await ask("POST", "/api/admin/keys", headers, { name: "k" })).toBe(403);
      }
      expect(await ask("POST", "/api/chat", session, chat)).toBe(403);
      await admin(host, "DELETE", `/api/admin/tokens/${made.id}`);
      expect(await ask("GET", "/api/admin/keys", session)).toBe(401);
      expect(await ask("GET", "/api/admin/keys", { authorization: `Bearer ${made.token}` })).toBe(401);
    });

    test("Cloudflare Access lets in whom it has signed for, and nobody else", async () => {
      const sign = (email: string): Promise<string> =>
        new SignJWT({ email })
          .setProtectedHeader({ alg: "RS256", kid: "one" })
          .setIssuer(team)
          .setAudience(AUDIENCE)
          .setExpirationTime("5m")
          .sign(accessKey);
      const token = await sign("ann@example.com");
      const header = { "cf-access-jwt-assertion": token };
      const who = await fetch(`${host.url}/api/admin/session`, { headers: header });
      const view = (await who.json()) as SessionView;
      expect(view).toMatchObject({ role: "admin", name: "ann@example.com", via: "access" });
      expect(await ask("POST", "/api/admin/keys", header, { name: "k" })).toBe(403);
      const change = { ...header, "x-csrf-token": view.csrf_token };
      expect(await ask("POST", "/api/admin/keys", change, { name: "k" })).toBe(201);
      const stranger = { "cf-access-jwt-assertion": await sign("eve@evil.example") };
      expect(await ask("GET", "/api/agents", stranger)).toBe(403);
      expect(await ask("GET", "/api/agents", { "cf-access-jwt-assertion": `${token}x` })).toBe(401);
    });

    test("whoever guesses is stopped, and who is in stays in", async () => {
      const session = await sessionOf(host.adminToken);
      const statuses: number[] = [];
      // Some were wrong above.
      for (let at = 0; at < 12; at++) statuses.push((await signIn(`wrong ${at}`)).status);
      expect(statuses).toContain(401);
      const last = await signIn("wrong again");
      expect(last.status).toBe(429);
      expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(500);
      // A token that a person made up: were it let in, whoever guesses would need no more than to go on.
      expect((await signIn(host.adminToken)).status).toBe(429);
      expect(await ask("GET", "/api/agents", { authorization: `Bearer ${host.adminToken}` })).toBe(429);
      expect(await ask("GET", "/api/agents", session)).toBe(200);
    });
  });
});
