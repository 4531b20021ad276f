import { env, exports } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import type { RequestView } from "../../shared/api/requests.ts";
import type { StatsView } from "../../shared/api/stats.ts";
import type { Bindings } from "../bindings.ts";
import type { RequestPage } from "../host.ts";
import { SqlHistory } from "./history.ts";
import { d1Database } from "./storage.ts";

// 26 MB go through D1, and other suites run beside this one.
vi.setConfig({ testTimeout: 30_000 });

const bindings = env as unknown as Bindings;
const worker = (exports as unknown as { default: Fetcher }).default;
const ADMIN = { authorization: "Bearer oct_admin-token-of-the-tests" };
const history = new SqlHistory(d1Database(bindings.DB));

const ask = (path: string): Promise<Response> =>
  worker.fetch(`https://coordinator.test${path}`, { headers: ADMIN });

function row(n: number, at: number, over: Partial<RequestView> = {}): RequestView {
  return {
    id: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
    at: new Date(at).toISOString(),
    endpoint: "/api/chat",
    model: `m${n % 3}`,
    key_id: null,
    key_name: null,
    agent_id: null,
    agent_name: null,
    status: n % 10 === 0 ? 503 : 200,
    error_code: null,
    attempts: 1,
    reason: null,
    queue_ms: 1,
    first_byte_ms: 20,
    duration_ms: 400,
    prompt_tokens: 1,
    completion_tokens: 2,
    load_ms: null,
    prompt_ms: null,
    eval_ms: 100,
    request_bytes: 1,
    response_bytes: 2,
    tries: [],
    ...over,
  };
}

test("D1: requests are summed up, pruned, shown, charted and exported as on a file", async () => {
  const now = Date.now();
  const requests = Array.from({ length: 700 }, (_, n) => row(n, now - 60_000 - (n % 2) * 9 * 86_400_000));
  const samples = [0, 1].map((n) => ({
    id: `a@${n}`,
    at: new Date(now - 120_000 - n).toISOString(),
    agent_id: "00000000-0000-4000-8000-000000000001",
    cpu_usage: 10 + 20 * n,
    memory_usage: null,
    gpu_usage: null,
    active_requests: 1,
    tokens_per_second: null,
  }));
  await history.write({ requests, events: [], samples });
  await history.write({ requests, events: [], samples });
  expect(await history.rollUp(500)).toBe(true);
  const before = await history.stats({ range: "30d" }, now);
  expect(before.totals).toMatchObject({
    requests: 700,
    errors: 70,
    completion_tokens: 1_400,
    tokens_per_second: 20,
  });
  expect(before.by_model.map(({ model, requests: count }) => [model, count])).toEqual([
    ["m0", 234],
    ["m1", 233],
    ["m2", 233],
  ]);
  expect(await history.rollUp(500)).toBe(false);
  expect(await history.prune(now, 7, 1_000)).toBeGreaterThan(300);
  const view = await (await ask("/api/admin/stats?range=30d")).json<StatsView>();
  expect(view.totals).toEqual(before.totals);
  const series = await history.series({ range: "1h", metric: ["requests", "cpu_usage"] }, now);
  expect(series.series.requests?.reduce((sum, each) => (sum ?? 0) + (each ?? 0), 0)).toBe(350);
  expect(series.series.cpu_usage?.filter((mean) => mean !== null)).toEqual([20]);

  const lines = (await (await ask("/api/admin/requests/export?format=ndjson&status=200")).text())
    .trim()
    .split("\n");
  const page = await (await ask("/api/admin/requests?status=200&limit=500")).json<RequestPage>();
  expect(lines.slice(0, page.items.length).map((line) => JSON.parse(line))).toEqual(page.items);
});

test("D1: an export whose database goes away in the middle ends with an error, and not as if it were all", async () => {
  const big = { endpoint: "x".repeat(20_000) };
  await history.write({
    requests: Array.from({ length: 1_300 }, (_, n) => row(10_000 + n, Date.now() - n, big)),
    events: [],
    samples: [],
  });
  const response = await ask("/api/admin/requests/export?format=ndjson");
  expect(response.status).toBe(200);
  const reader = response.body?.getReader();
  await reader?.read();
  await bindings.DB.prepare("ALTER TABLE requests RENAME TO requests_away").run();
  const rest = async (): Promise<void> => {
    while ((await reader?.read())?.done === false);
  };
  await expect(rest()).rejects.toThrow();
  await bindings.DB.prepare("ALTER TABLE requests_away RENAME TO requests").run();
  expect((await ask("/api/admin/requests?limit=1")).status).toBe(200);
});
