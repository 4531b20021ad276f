import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import type { AgentView } from "../../shared/api/agents.ts";
import { PING, PONG } from "../../shared/protocol/liveness.ts";
import type { Bindings } from "../bindings.ts";
import { HandMadeAgent } from "./testing/hand-made-agent.ts";
import { OpenPage } from "./testing/open-page.ts";

vi.setConfig({ testTimeout: 30_000 });

const bindings = env as unknown as Bindings;
const worker = (exports as unknown as { default: Fetcher }).default;
const ADMIN = "oct_admin-token-of-the-tests";
const stub = () => bindings.COORDINATOR.getByName("main");
const sleep = (): Promise<void> => evictDurableObject(stub(), { webSockets: "hibernate" });
const alarmAt = (): Promise<number | null> =>
  runInDurableObject(stub(), (_object, state) => state.storage.getAlarm());

async function call<T>(method: string, path: string, body?: unknown, bearer = ADMIN): Promise<T> {
  const response = await worker.fetch(`https://coordinator.test${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = new TextDecoder().decode(await response.arrayBuffer());
  expect(response.status, text).toBeLessThan(300);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

async function connected(): Promise<{ agent: HandMadeAgent; id: string }> {
  const { token: joinToken } = await call<{ token: string }>("POST", "/api/admin/join-tokens", { name: "t" });
  const registered = await call<{ agent_id: string; agent_token: string }>(
    "POST",
    "/api/agents/register",
    { machine_name: "hand-made", ip_address: "", ollama_version: "0.33.0", ollama_port: 11434 },
    joinToken,
  );
  const agent = new HandMadeAgent(worker, registered.agent_token);
  await agent.connect();
  return { agent, id: registered.agent_id };
}

async function openPages(count: number): Promise<OpenPage[]> {
  const pages = await Promise.all(Array.from({ length: count }, () => OpenPage.open(worker, ADMIN)));
  await vi.waitFor(() => expect(pages.every(({ state }) => state !== undefined)).toBe(true));
  return pages;
}

/** What the agent said is stored, and pages were told: only then the platform may let the object sleep. */
async function atRest(id: string, pages: OpenPage[]): Promise<void> {
  await vi.waitFor(async () => {
    const online = await runInDurableObject(stub(), (_object, state) =>
      state.storage.sql
        .exec<{ online: number }>("SELECT online FROM agent_runtimes WHERE agent_id = ?", id)
        .toArray(),
    );
    expect(online).toEqual([{ online: 1 }]);
    for (const { state } of pages) expect(state?.agents.at(-1)).toMatchObject({ id, routable: true });
  }, 5_000);
}

const sum = (pages: OpenPage[]): number => pages.reduce((all, { messages }) => all + messages.length, 0);

test("fifty dashboards on an idle fleet cost an alarm and nothing else, and wake up with the first change", async () => {
  const pages = await openPages(50);
  const { agent, id } = await connected();
  await atRest(id, pages);
  const armed = await alarmAt();
  expect(armed).toBeGreaterThan(Date.now() - 1_000);
  expect(armed).toBeLessThanOrEqual(Date.now() + 10_000);

  await sleep();
  const before = sum(pages);
  // The platform answers both without waking anybody.
  agent.socket?.send(PING);
  await vi.waitFor(() => expect(agent.texts).toEqual([PONG]));
  for (let round = 0; round < 2; round++) {
    expect(await runDurableObjectAlarm(stub())).toBe(true);
    expect(await alarmAt()).toBeGreaterThan(Date.now() + 8_000);
    // It can sleep at once: nothing waits for a timer.
    const started = Date.now();
    await sleep();
    expect(Date.now() - started).toBeLessThan(1_000);
  }
  expect([sum(pages), pages.flatMap(({ closes }) => closes)]).toEqual([before, []]);

  agent.say({ models: [{ name: "other:latest" }, { name: "m:latest" }] });
  await vi.waitFor(() => expect(pages.every(({ state }) => state?.agents.at(-1)?.models === 2)).toBe(true));
  expect(sum(pages)).toBe(before + 50);
  expect(pages[0]?.messages.at(-1)?.type).toBe("snapshot");

  for (const page of pages) page.socket.close(1000, "seen enough");
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(stub());
    expect(await alarmAt()).toBeNull();
  });
  await call("DELETE", `/api/agents/${id}`);
});

test("a machine that died while the object slept was heard last when it said something last, not when others woke it", async () => {
  const { agent, id } = await connected();
  agent.socket?.send(PING);
  await vi.waitFor(() => expect(agent.texts).toEqual([PONG]));
  const seen = async (): Promise<string | null> =>
    (await call<AgentView>("GET", `/api/agents/${id}`)).last_seen;
  const before = await seen();
  await atRest(id, []);
  await sleep();
  expect(await seen()).toBe(before);
  await call("DELETE", `/api/agents/${id}`);
});

test("a page that sends what is too large or no message is closed with a code", async () => {
  const [large, odd] = await openPages(2);
  large?.socket.send(" ".repeat(5_000));
  odd?.socket.send("hello");
  await vi.waitFor(() => expect([large?.closes, odd?.closes]).toEqual([[1009], [4400]]));
});
