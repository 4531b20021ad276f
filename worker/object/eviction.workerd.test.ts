import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeEach, expect, test, vi } from "vitest";
import type { AgentView } from "../../shared/api/agents.ts";
import { CLOSE_CODES } from "../../shared/protocol/codes.ts";
import { PING, PONG } from "../../shared/protocol/liveness.ts";
import type { Bindings } from "../bindings.ts";
import { HandMadeAgent } from "./testing/hand-made-agent.ts";

// An eviction waits for the object's timers: a request leaves one of 5 s, a lost agent one of the resume window.
vi.setConfig({ testTimeout: 30_000 });

const bindings = env as unknown as Bindings;
const worker = (exports as unknown as { default: Fetcher }).default;
const ADMIN = "oct_admin-token-of-the-tests";
const stub = () => bindings.COORDINATOR.getByName("main");

let key: string;
let token: string;
let agentId: string;

async function call<T>(method: string, path: string, body?: unknown, bearer = ADMIN): Promise<T> {
  const response = await worker.fetch(`https://coordinator.test${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // Not `text()`, which warns of NDJSON.
  const text = new TextDecoder().decode(await response.arrayBuffer());
  expect(response.status, text).toBeLessThan(300);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

const ask = (): Promise<{ answer: number }> => call("POST", "/api/chat", { model: "m", messages: [] }, key);
const view = (): Promise<AgentView> => call("GET", `/api/agents/${agentId}`);

/** Its last known state is with the object's storage, as it is whenever the platform may let the object sleep. */
async function saved(): Promise<void> {
  await vi.waitFor(
    async () => {
      const rows = await runInDurableObject(stub(), (_object, state) =>
        state.storage.sql
          .exec<{ online: number }>("SELECT online FROM agent_runtimes WHERE agent_id = ?", agentId)
          .toArray(),
      );
      expect(rows).toEqual([{ online: 1 }]);
    },
    { timeout: 5_000 },
  );
}

const evict = (): Promise<void> => evictDurableObject(stub(), { webSockets: "hibernate" });

beforeEach(async () => {
  await call("PUT", "/api/admin/settings", { resume_window_s: 3 });
  const { token: joinToken } = await call<{ token: string }>("POST", "/api/admin/join-tokens", { name: "t" });
  for (const { id } of await call<AgentView[]>("GET", "/api/agents")) {
    await call("DELETE", `/api/agents/${id}`);
  }
  const registered = await call<{ agent_id: string; agent_token: string }>(
    "POST",
    "/api/agents/register",
    { machine_name: "hand-made", ip_address: "", ollama_version: "0.33.0", ollama_port: 11434 },
    joinToken,
  );
  agentId = registered.agent_id;
  token = registered.agent_token;
  ({ key } = await call<{ key: string }>("POST", "/api/admin/keys", { name: "k" }));
});

test("the next request after an eviction is answered over the socket that was there before", async () => {
  const agent = new HandMadeAgent(worker, token);
  await agent.connect();
  expect(await ask()).toMatchObject({ answer: 1 });
  await saved();
  const before = await view();
  await evict();
  expect(await ask()).toMatchObject({ answer: 2 });
  expect(agent.closes).toEqual([]);
  // It has been connected all the time, and is shown so.
  expect(await view()).toMatchObject({
    status: "online",
    routable: true,
    connected_at: before.connected_at,
    models: [{ name: "m:latest" }],
  });
});

test("what a key has used of its limits counts after an eviction", async () => {
  const { key: limited } = await call<{ key: string }>("POST", "/api/admin/keys", { name: "l", rpm: 3 });
  const agent = new HandMadeAgent(worker, token);
  await agent.connect();
  const chat = async (): Promise<[number, string | null]> => {
    const response = await worker.fetch("https://coordinator.test/api/chat", {
      method: "POST",
      headers: { authorization: `Bearer ${limited}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "m", messages: [] }),
    });
    await response.arrayBuffer();
    return [response.status, response.headers.get("x-coordinator-error")];
  };
  expect([await chat(), await chat()]).toEqual([
    [200, null],
    [200, null],
  ]);
  await evict();
  expect([await chat(), await chat()]).toEqual([
    [200, null],
    [429, "rate_limited"],
  ]);
  expect(agent.answered).toBe(3);
});

test("what an agent says wakes an evicted object and counts", async () => {
  const agent = new HandMadeAgent(worker, token);
  await agent.connect();
  await saved();
  await evict();
  agent.say({ models: [{ name: "other:latest" }] });
  await vi.waitFor(async () => expect((await view()).models).toMatchObject([{ name: "other:latest" }]));
});

test("a ping of an agent is answered while the object sleeps, and keeps the agent online", async () => {
  const agent = new HandMadeAgent(worker, token);
  await agent.connect();
  await saved();
  await evict();
  agent.socket?.send(PING);
  await vi.waitFor(() => expect(agent.texts).toEqual([PONG]));
  expect(await view()).toMatchObject({ status: "online", routable: true });
});

test("an agent whose socket an eviction closed dials again and goes on with its id", async () => {
  const agent = new HandMadeAgent(worker, token);
  await agent.connect();
  await saved();
  await evictDurableObject(stub(), { webSockets: "close" });
  expect(await view()).toMatchObject({ routable: false, not_routable_reason: "coming_back" });
  const waiting = ask();
  expect(await agent.connect()).toMatchObject({ agent_id: agentId });
  expect(await waiting).toMatchObject({ answer: 1 });
});

test("a socket whose closing its agent never answered is not taken for a live one after an eviction", async () => {
  const agent = new HandMadeAgent(worker, token, { answersClose: false });
  await agent.connect();
  await saved();
  await call("POST", `/api/agents/${agentId}/disconnect`);
  await vi.waitFor(() => expect(agent.closes).toEqual([CLOSE_CODES.disconnected]));
  await evict();
  expect(await view()).toMatchObject({ routable: false });
  await agent.connect();
  expect(await ask()).toMatchObject({ answer: 1 });
});

test("of two sockets of one agent the newer one serves it after an eviction", async () => {
  const old = new HandMadeAgent(worker, token, { answersClose: false });
  await old.connect();
  const newer = new HandMadeAgent(worker, token);
  await newer.connect();
  await saved();
  await evict();
  expect(await ask()).toMatchObject({ answer: 1 });
  expect([old.answered, newer.answered]).toEqual([0, 1]);
});
