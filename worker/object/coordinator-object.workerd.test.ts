import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Bindings } from "../bindings.ts";

const bindings = env as unknown as Bindings;
const worker = (exports as unknown as { default: Fetcher }).default;
const ADMIN = { authorization: "Bearer oct_admin-token-of-the-tests", "content-type": "application/json" };

async function post<T>(path: string, body: unknown, headers: Record<string, string> = ADMIN): Promise<T> {
  const response = await worker.fetch(`https://coordinator.test${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  expect(response.status, await response.clone().text()).toBeLessThan(300);
  return response.json<T>();
}

test("a key that was created is known after the object was evicted", async () => {
  const { key } = await post<{ key: string }>("/api/admin/keys", { name: "k" });
  const stub = bindings.COORDINATOR.getByName("main");
  await evictDurableObject(stub);
  const response = await worker.fetch("https://coordinator.test/api/tags", {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ models: [] });
});

test("migrations are applied once and leave every table", async () => {
  const stub = bindings.COORDINATOR.getByName("main");
  const tables = await runInDurableObject(stub, (_object, state) =>
    state.storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .toArray()
      .map(({ name }) => name),
  );
  expect(tables).toEqual(expect.arrayContaining(["agents", "keys", "join_tokens", "settings", "outbox"]));
});
