import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { makeKey, type TestHost } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import type { StandInOllama } from "../support/ollama/stand-in.ts";
import { type RawAnswer, rawHead, rawHttp } from "../support/raw-http.ts";
import { reached } from "../support/reached.ts";

const LISTED = "https://app.example";
const CHAT = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }], stream: false });

describe.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("CLIENT_AUTH=off, on %s", (_name, startHost) => {
  let fleet: Fleet;
  let host: TestHost;
  let ollama: StandInOllama;
  let port: string;

  beforeAll(async () => {
    fleet = await startFleet(() => startHost({ env: { CLIENT_AUTH: "off", CORS_ORIGINS: LISTED } }), {
      name: "box",
      ollama: { models: ["m", "other"], tokens: 1 },
      flags: ["--max-concurrency", "8", "--allow-manage"],
    });
    host = fleet.host;
    ollama = fleet.machine("box").ollama;
    ({ port } = new URL(host.url));
  });
  afterAll(() => fleet.stop());
  beforeEach(() => ollama.clear());

  /** As a browser may send it: fetch sets neither Host nor Origin. */
  const chat = (headers: Record<string, string>, path = "/api/chat"): Promise<RawAnswer> =>
    rawHttp(
      host.url,
      rawHead("POST", path, {
        host: `127.0.0.1:${port}`,
        "content-length": String(CHAT.length),
        ...headers,
      }) + CHAT,
    );
  const codeOf = ({ text }: RawAnswer): string | undefined => /^x-coordinator-error: (\S+)/im.exec(text)?.[1];

  test("lets anybody in who comes from here or from a listed place", async () => {
    for (const headers of [
      {},
      { host: `localhost:${port}` },
      { host: `[::1]:${port}` },
      { host: "192.168.1.20:8080" },
      { host: "box.local" },
      { origin: "http://localhost:3000" },
      { origin: "http://127.0.0.1" },
      { origin: "tauri://localhost" },
      { origin: LISTED },
    ]) {
      expect([headers, (await chat(headers)).status]).toEqual([headers, 200]);
    }
  });

  test("keeps foreign pages out, and names that anybody's DNS may point here", async () => {
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: "http://localhost.evil.example" },
      { origin: "http://evil.example/localhost" },
      { origin: "http://127.0.0.1.evil.example" },
      { origin: "https://app.example.evil.example" },
      { origin: "http://localhost:3000@evil.example" },
      { origin: "tauri:evil.example" },
      { host: "evil.example" },
      { host: `rebound.evil.example:${port}` },
      { host: `localhost.evil.example:${port}` },
      { host: "127.0.0.1.evil.example" },
      { host: `evil.example:${port}`, origin: "http://localhost" },
    ]) {
      const answer = await chat(headers);
      expect([headers, answer.status, codeOf(answer)]).toEqual([headers, 403, "forbidden"]);
    }
    expect(reached(ollama)).toEqual([]);
  });

  test("the same for what is answered from the coordinator's own knowledge", async () => {
    for (const path of ["/api/tags", "/api/ps", "/api/version", "/v1/models"]) {
      const get = (headers: Record<string, string>) =>
        rawHttp(host.url, rawHead("GET", path, { host: `127.0.0.1:${port}`, ...headers }));
      expect([path, (await get({})).status]).toEqual([path, 200]);
      expect([path, (await get({ origin: "https://evil.example" })).status]).toEqual([path, 403]);
      expect([path, (await get({ host: "evil.example" })).status]).toEqual([path, 403]);
    }
  });

  test("grants inference and nothing else", async () => {
    for (const [method, path, body] of [
      ["POST", "/api/pull", '{"model":"x"}'],
      ["POST", "/api/create", '{"model":"x","from":"m"}'],
      ["POST", "/api/copy", '{"source":"m","destination":"x"}'],
      ["DELETE", "/api/delete", '{"model":"m"}'],
      ["POST", "/api/blobs/sha256:0", "x"],
    ] as const) {
      const response = await fetch(host.url + path, { method, body });
      expect([path, response.status, response.headers.get("x-coordinator-error")]).toEqual([
        path,
        403,
        "forbidden",
      ]);
    }
    expect((await chat({ "x-agent": "box" })).status).toBe(403);
    expect((await fetch(`${host.url}/api/push`, { method: "POST", body: CHAT })).status).toBe(403);
    for (const path of ["/api/agents", "/api/admin/keys", "/api/admin/settings"]) {
      expect([path, (await fetch(host.url + path)).status]).toEqual([path, 401]);
    }
    expect(reached(ollama)).toEqual([]);
  });

  test("a key still works and opens what it opens, from anywhere; a wrong one is still wrong", async () => {
    const { key } = await makeKey(host, { models: ["m"] });
    const authorization = `Bearer ${key}`;
    expect((await chat({ authorization, host: "coordinator.example" })).status).toBe(200);
    expect((await chat({ authorization, "x-agent": "box" })).status).toBe(200);
    const other = CHAT.replace('"m"', '"other"');
    const restricted = await fetch(`${host.url}/api/chat`, {
      method: "POST",
      body: other,
      headers: { authorization },
    });
    expect(restricted.status).toBe(403);
    expect((await fetch(`${host.url}/api/chat`, { method: "POST", body: other })).status).toBe(200);
    expect((await chat({ authorization: "Bearer wrong" })).status).toBe(401);
    expect((await chat({ "x-api-key": "wrong" })).status).toBe(401);
    expect((await chat({}, "/k/wrong/api/chat")).status).toBe(401);
  });

  test("pages of listed origins may read answers, others may not, and none with credentials", async () => {
    const answer = async (origin: string, init: RequestInit = {}): Promise<Headers> =>
      (await fetch(`${host.url}/api/tags`, { ...init, headers: { origin, ...init.headers } })).headers;
    const preflight = { method: "OPTIONS", headers: { "access-control-request-method": "POST" } };
    for (const init of [{}, preflight]) {
      expect((await answer(LISTED, init)).get("access-control-allow-origin")).toBe(LISTED);
      expect((await answer("https://evil.example", init)).get("access-control-allow-origin")).toBeNull();
      expect((await answer(LISTED, init)).get("access-control-allow-credentials")).toBeNull();
    }
    // What depends on the origin must not be given to another one from a cache.
    expect((await answer(LISTED)).get("vary")).toMatch(/origin/i);
  });
});
