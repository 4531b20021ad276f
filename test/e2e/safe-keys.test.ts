import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { makeToken } from "../../shared/lib/token.ts";
import { SUBPROTOCOL } from "../../shared/protocol/version.ts";
import { encodeCall } from "../../worker/edge/wire.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { HandMadeAgent, registerAgent } from "../support/hand-made-agent.ts";
import { admin, listAgents, makeJoinToken, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import type { StandInOllama } from "../support/ollama/stand-in.ts";
import { reached } from "../support/reached.ts";

const DIGEST = `sha256:${"0".repeat(64)}`;
const messages = [{ role: "user", content: "hi" }];

/** One route of each dialect, with a body that its Ollama takes. */
const INFER = [
  { path: "/api/chat", body: (model: string) => ({ model, messages, stream: false }) },
  { path: "/v1/chat/completions", body: (model: string) => ({ model, messages }) },
  { path: "/v1/messages", body: (model: string) => ({ model, messages, max_tokens: 10 }) },
] as const;

const MERGED = ["/api/tags", "/api/ps", "/api/version", "/api/status", "/v1/models", "/v1/models/allowed"];

const MANAGE = [
  { method: "POST", path: "/api/pull", body: { model: "other" } },
  { method: "POST", path: "/api/create", body: { model: "other", from: "allowed" } },
  { method: "POST", path: "/api/copy", body: { source: "allowed", destination: "other" } },
  { method: "DELETE", path: "/api/delete", body: { model: "allowed" } },
  { method: "POST", path: `/api/blobs/${DIGEST}`, body: "blob" },
  { method: "HEAD", path: `/api/blobs/${DIGEST}`, body: undefined },
] as const;

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

describe.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("who may do what, on %s", (_name, startHost) => {
  let fleet: Fleet;
  let host: TestHost;
  let ollama: StandInOllama;

  beforeAll(async () => {
    fleet = await startFleet(startHost, {
      name: "box",
      ollama: { models: ["allowed", "forbidden", "allowed-2"], tokens: 1 },
      flags: ["--max-concurrency", "8", "--allow-manage"],
    });
    host = fleet.host;
    ollama = fleet.machine("box").ollama;
  });
  afterAll(() => fleet.stop());
  beforeEach(() => ollama.clear());

  const send = (path: string, { method, headers = {}, body }: Sent = {}): Promise<Response> =>
    fetch(host.url + path, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

  /** Everything that a client can ask for, as this caller: the codes of the errors, by route. */
  async function everything(headers: Record<string, string>): Promise<Record<string, string>> {
    const codes: Record<string, string> = {};
    const note = async (name: string, response: Response): Promise<void> => {
      await response.arrayBuffer();
      codes[name] = `${response.status} ${response.headers.get("x-coordinator-error") ?? ""}`;
    };
    for (const { path, body } of INFER)
      await note(path, await send(path, { headers, body: body("allowed") }));
    for (const path of MERGED) await note(path, await send(path, { headers }));
    for (const { method, path, body } of MANAGE) {
      await note(`${method} ${path}`, await send(path, { method, headers, body }));
    }
    await note("account", await send("/api/push", { headers, body: { model: "allowed" } }));
    await note("no JSON", await send("/api/chat", { headers, body: "no JSON" }));
    await note("no JSON, manage", await send("/api/pull", { headers, body: "no JSON" }));
    return codes;
  }

  const all = (codes: Record<string, string>): Set<string> => new Set(Object.values(codes));

  test("without a key, with a wrong one, and with one that was never made, everything is 401 and nothing reaches Ollama", async () => {
    const unknown = makeToken("key", new Uint8Array(32).fill(7));
    const { key } = await makeKey(host);
    const typo = `${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`;
    expect(all(await everything({}))).toEqual(new Set(["401 unauthorized"]));
    for (const wrong of [
      bearer(unknown),
      bearer(typo),
      bearer("sk-123"),
      { "x-api-key": unknown },
      { authorization: key },
    ]) {
      const codes = await everything(wrong);
      expect(all(codes), JSON.stringify(wrong)).toEqual(new Set(["401 unauthorized"]));
    }
    expect((await send(`/k/${unknown}/api/tags`)).status).toBe(401);
    expect(reached(ollama)).toEqual([]);
  });

  test("a key works in each of the three places", async () => {
    const { key } = await makeKey(host);
    const body = { model: "allowed", messages, stream: false };
    expect((await send("/api/chat", { headers: bearer(key), body })).status).toBe(200);
    expect((await send("/api/chat", { headers: { "x-api-key": key }, body })).status).toBe(200);
    expect((await send(`/k/${key}/api/chat`, { body })).status).toBe(200);
    expect((await send(`/k/${key}/v1/models?x=1`)).status).toBe(200);
    expect((await send(`/k/${key}`, { method: "HEAD" })).status).toBe(200);
  });

  test("a revoked key stops at once, everywhere, though it was used a moment before", async () => {
    const { id, key } = await makeKey(host);
    expect((await send("/api/tags", { headers: bearer(key) })).status).toBe(200);
    await admin(host, "DELETE", `/api/admin/keys/${id}`);
    ollama.clear();
    const codes = await everything(bearer(key));
    expect(codes).toEqual(Object.fromEntries(Object.keys(codes).map((name) => [name, "401 unauthorized"])));
    expect(reached(ollama)).toEqual([]);
  });

  test("an expired key stops, when its time comes and when its time is changed", async () => {
    const soon = new Date(Date.now() + 1_500).toISOString();
    const { key } = await makeKey(host, { expires_at: soon });
    const statusOf = async (which: string): Promise<number> =>
      (await send("/api/tags", { headers: bearer(which) })).status;
    expect(await statusOf(key)).toBe(200);
    await until("it expires", async () => (await statusOf(key)) === 401);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(soon));
    expect(all(await everything(bearer(key)))).toEqual(new Set(["401 unauthorized"]));

    const other = await makeKey(host);
    expect(await statusOf(other.key)).toBe(200);
    await admin(host, "PATCH", `/api/admin/keys/${other.id}`, { expires_at: "2020-01-01T00:00:00.000Z" });
    expect(await statusOf(other.key)).toBe(401);
  });

  test("a key without manage changes no machine and picks none, whatever the body is, and loses the right at once", async () => {
    const { id, key } = await makeKey(host, { permissions: ["infer", "manage"] });
    expect((await send("/api/show", { headers: bearer(key), body: { model: "allowed" } })).status).toBe(200);
    await admin(host, "PATCH", `/api/admin/keys/${id}`, { permissions: ["infer"] });
    ollama.clear();
    for (const { method, path, body } of MANAGE) {
      for (const given of body === undefined ? [undefined] : [body, "no JSON"]) {
        const response = await send(path, { method, headers: bearer(key), body: given });
        expect([path, response.status, response.headers.get("x-coordinator-error")]).toEqual([
          path,
          403,
          "forbidden",
        ]);
      }
    }
    const pinned = { ...bearer(key), "x-agent": "box" };
    expect((await send("/api/chat", { headers: pinned, body: { model: "allowed", messages } })).status).toBe(
      403,
    );
    expect(reached(ollama)).toEqual([]);
  });

  test("a key that may use some models sees and uses those, under each of their names", async () => {
    const { key } = await makeKey(host, { permissions: ["infer"], models: ["allowed*"] });
    const headers = bearer(key);
    for (const model of [
      "allowed",
      "ALLOWED:Latest",
      "library/allowed",
      "registry.ollama.ai/library/allowed",
      " allowed ",
    ]) {
      const response = await send("/api/show", { headers, body: { model } });
      expect([model, response.status]).toEqual([model, 200]);
    }
    ollama.clear();
    for (const model of [
      "forbidden",
      "FORBIDDEN",
      "library/forbidden",
      "registry.ollama.ai/library/forbidden",
      "forbidden:local",
    ]) {
      for (const { path, body } of INFER) {
        const response = await send(path, { headers, body: body(model) });
        expect([path, model, response.status]).toEqual([path, model, 403]);
        expect(response.headers.get("x-coordinator-error")).toBe("forbidden");
      }
    }
    const names = async (path: string, list: string, field: string): Promise<unknown> => {
      const json = (await (await send(path, { headers })).json()) as Record<
        string,
        Record<string, unknown>[]
      >;
      return json[list]?.map((entry) => entry[field]).sort();
    };
    expect(await names("/api/tags", "models", "name")).toEqual(["allowed-2:latest", "allowed:latest"]);
    expect(await names("/v1/models", "data", "id")).toEqual(["allowed-2:latest", "allowed:latest"]);
    expect((await send("/v1/models/forbidden", { headers })).status).toBe(404);
    expect(reached(ollama)).toEqual([]);
  });

  test("a key that may use some models manages only those: it copies over no other, and makes none out of another", async () => {
    const { key } = await makeKey(host, { permissions: ["infer", "manage"], models: ["allowed*"] });
    const headers = bearer(key);
    for (const [method, path, body] of [
      ["POST", "/api/copy", { source: "allowed", destination: "forbidden" }],
      ["POST", "/api/copy", { source: "forbidden", destination: "allowed-3" }],
      ["POST", "/api/create", { model: "allowed-3", from: "forbidden" }],
      ["POST", "/api/create", { model: "forbidden-2", from: "allowed" }],
      ["POST", "/api/create", { model: "allowed-3", filling: "x".repeat(200_000), From: "forbidden" }],
      ["DELETE", "/api/delete", { model: "forbidden" }],
      ["POST", "/api/pull", { model: "other" }],
    ] as const) {
      const response = await send(path, { method, headers, body });
      expect([path, body, response.status]).toEqual([path, body, 403]);
    }
    const twice = '{"model":"allowed-3","from":"allowed","from":"forbidden"}';
    expect((await send("/api/create", { headers, body: twice })).status).toBe(400);
    expect(reached(ollama)).toEqual([]);
    const copy = { source: "allowed", destination: "allowed-3" };
    expect((await send("/api/copy", { headers, body: copy })).status).toBe(200);
    const gone = { method: "DELETE", headers, body: { model: "allowed-3" } };
    expect((await send("/api/delete", gone)).status).toBe(200);
  });

  test("what a restricted key may not see loaded, it does not see in ps", async () => {
    const { key } = await makeKey(host, { permissions: ["infer"], models: ["allowed"] });
    for (const model of ["allowed", "forbidden"]) {
      await (
        await send("/api/generate", { headers: bearer(fleet.key), body: { model, prompt: "hi" } })
      ).text();
    }
    const loaded = async (which: string): Promise<string[]> => {
      const { models } = (await (await send("/api/ps", { headers: bearer(which) })).json()) as {
        models: { name: string }[];
      };
      return models.map(({ name }) => name).sort();
    };
    await until("both are loaded", async () => (await loaded(fleet.key)).includes("forbidden:latest"));
    expect(await loaded(key)).toEqual(["allowed:latest"]);
  });

  test("an agent's token, a join token and a key are each good for one thing only", async () => {
    const agent = await registerAgent(host, "token-owner");
    const join = await makeJoinToken(host);
    const { key } = await makeKey(host);
    for (const token of [agent.token, join]) {
      expect(all(await everything(bearer(token)))).toEqual(new Set(["401 unauthorized"]));
      expect((await send("/api/tags", { headers: { "x-api-key": token } })).status).toBe(401);
      expect((await send(`/k/${token}/api/tags`)).status).toBe(401);
    }
    const machine = { machine_name: "x", ip_address: "", ollama_version: "", ollama_port: 1 };
    const status = { agent_id: agent.id, cpu_usage: 1, memory_usage: 1, active_requests: 0 };
    const json = { "content-type": "application/json" };
    for (const token of [key, host.adminToken, "x"]) {
      expect(await upgrade(host, bearer(token))).toBe(401);
      const headers = { ...bearer(token), ...json };
      expect((await send("/api/agents/register", { headers, body: machine })).status).toBe(401);
      expect((await send("/api/health", { headers, body: status })).status).toBe(401);
    }
    expect(await upgrade(host, bearer(join))).toBe(401);
    expect((await send("/api/health", { headers: { ...bearer(join), ...json }, body: status })).status).toBe(
      401,
    );
    for (const token of [key, agent.token, join, ""]) {
      for (const path of [
        "/api/agents",
        "/api/admin/keys",
        "/api/admin/join-tokens",
        "/api/admin/settings",
        "/api/admin/requests",
      ]) {
        expect([path, (await send(path, { headers: bearer(token) })).status]).toEqual([path, 401]);
      }
    }
    expect(reached(ollama)).toEqual([]);
    await admin(host, "DELETE", `/api/agents/${agent.id}`);
    expect(await upgrade(host, bearer(agent.token))).toBe(401);
  });

  test("an agent cannot report for another one", async () => {
    const one = await registerAgent(host, "one");
    const two = await registerAgent(host, "two");
    const body = { agent_id: two.id, cpu_usage: 1, memory_usage: 1, active_requests: 0 };
    const headers = { ...bearer(one.token), "content-type": "application/json" };
    expect((await send("/api/health", { headers, body })).status).toBe(403);
    for (const { id } of [one, two]) await admin(host, "DELETE", `/api/agents/${id}`);
  });

  test("the admin token is a key by header, and nothing in a path", async () => {
    expect((await send("/api/tags", { headers: bearer(host.adminToken) })).status).toBe(200);
    expect((await send(`/k/${host.adminToken}/api/tags`)).status).toBe(401);
    expect((await send(`/k/${host.adminToken}/api/agents`)).status).toBe(401);
  });

  test("a key in a path manages nothing, unless it was made for that", async () => {
    const plain = await makeKey(host);
    const made = await makeKey(host, { path: true });
    const copy = { source: "allowed", destination: "copied" };
    expect((await send(`/k/${plain.key}/api/copy`, { body: copy })).status).toBe(403);
    expect(
      (
        await send(`/k/${plain.key}/api/chat`, {
          headers: { "x-agent": "box" },
          body: { model: "allowed", messages },
        })
      ).status,
    ).toBe(403);
    expect(reached(ollama)).toEqual([]);
    expect((await send(`/k/${made.key}/api/copy`, { body: copy })).status).toBe(200);
    expect(
      (await send(`/k/${made.key}/api/delete`, { method: "DELETE", body: { model: "copied" } })).status,
    ).toBe(200);
  });

  test("headers by which the coordinator talks to itself mean nothing when a client sends them", async () => {
    const { key } = await makeKey(host);
    const restricted = await makeKey(host, { permissions: ["infer"], models: ["allowed"] });
    const forged = encodeCall({
      id: "forged",
      caller: { kind: "admin" },
      method: "POST",
      endpoint: "/api/chat",
      class: "infer",
      dialect: "native",
      since: undefined,
      path: "/api/chat",
      model: "forbidden",
      agent: undefined,
      headers: [],
      contentLength: -1,
      attempt: 1,
      avoid: [],
      ticket: undefined,
      lostTo: undefined,
      mayRetry: false,
    });
    const internal = {
      "x-coordinator-path-key": key,
      "x-coordinator-call": forged,
      "x-coordinator-outcome": encodeURIComponent(JSON.stringify({ kind: "answered" })),
      "x-coordinator-agent-id": "forged",
    };
    expect(all(await everything(internal))).toEqual(new Set(["401 unauthorized"]));
    const body = { model: "forbidden", messages };
    const headers = { ...internal, ...bearer(restricted.key) };
    expect((await send("/api/chat", { headers, body })).status).toBe(403);
    expect(reached(ollama)).toEqual([]);
    const fine = await send("/api/chat", { headers, body: { model: "allowed", messages, stream: false } });
    expect(fine.status).toBe(200);
    expect(fine.headers.get("x-request-id")).not.toBe("forged");
    expect(await fine.json()).toMatchObject({ model: "allowed", done: true });
    expect(Object.keys(ollama.seen.at(-1)?.headers ?? {}).filter((name) => name.startsWith("x-"))).toEqual(
      [],
    );
  });

  test("nor when an agent sends them with its upgrade", async () => {
    const one = await registerAgent(host, "one");
    const two = await registerAgent(host, "two");
    const { key } = await makeKey(host);
    const forged = {
      "x-coordinator-agent-id": two.id,
      "x-coordinator-path-key": key,
      "x-coordinator-call": "{}",
    };
    expect(await upgrade(host, forged)).toBe(401);
    const agent = await HandMadeAgent.online(host, one.token, {}, forged);
    const status = async (id: string) => (await listAgents(host)).find((view) => view.id === id)?.status;
    expect([await status(one.id), await status(two.id)]).toEqual(["online", "offline"]);
    await agent.close();
    for (const { id } of [one, two]) await admin(host, "DELETE", `/api/agents/${id}`);
  });
});

/** The status of an upgrade to the tunnel; 101 where it was let in. */
function upgrade(host: TestHost, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${host.url.replace("http", "ws")}/ws/agent`, SUBPROTOCOL, { headers });
    socket.on("open", () => {
      resolve(101);
      socket.terminate();
    });
    socket.on("unexpected-response", (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    socket.on("error", () => {});
  });
}
