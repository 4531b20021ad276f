import { expect, test, vi } from "vitest";
import type { RequestFilter } from "../../../shared/api/requests.ts";
import { MemoryHistory, request, uuid } from "../../serve/sqlite/testing/memory-history.ts";
import { type Bench, bench } from "./testing/bench.ts";
import { AGENT_ID } from "./testing/fake-cell.ts";

/** The routes over a real history with some requests. */
async function filled(count: number): Promise<Bench & { memory: MemoryHistory }> {
  const memory = new MemoryHistory();
  const at = (n: number) => new Date(Date.parse("2026-05-01") + n * 1_000).toISOString();
  const rows = Array.from({ length: count }, (_, n) =>
    request(n, { at: at(n), model: n === 1 ? '=cmd("x"),\r\n' : "m", status: n % 10 === 0 ? 503 : 200 }),
  );
  await memory.write(...rows);
  const made = await bench();
  made.host.history = memory.history;
  return { ...made, memory };
}

test("CSV has a head, every request once and newest first, and a name for the file", async () => {
  const { ask } = await filled(1_201);
  const response = await ask("GET", "/api/admin/requests/export");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect(response.headers.get("content-disposition")).toMatch(
    /^attachment; filename="requests-\d{4}-\d\d-\d\d\.csv"$/,
  );
  expect(response.headers.get("cache-control")).toBe("no-store");
  const text = await response.text();
  expect(text).toContain(`"'=cmd(""x""),\r\n"`);
  const lines = text.replace(`"'=cmd(""x""),\r\n"`, "m").trim().split("\r\n");
  expect(lines[0]).toMatch(/^id,at,endpoint,model,key_id,/);
  expect(lines.slice(1).map((line) => line.slice(0, 36))).toEqual(
    Array.from({ length: 1_201 }, (_, n) => uuid(1_200 - n)),
  );
});

test("NDJSON has each request as the list shows it, with the same filters", async () => {
  const { ask } = await filled(60);
  const filter = { status: "5xx", model: "m", from: "2026-05-01T00:00:15Z" } satisfies RequestFilter;
  const response = await ask(
    "GET",
    `/api/admin/requests/export?${new URLSearchParams({ ...filter, format: "ndjson" })}`,
  );
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  const lines = (await response.text()).trim().split("\n");
  const list: { items: unknown[] } = await (
    await ask("GET", `/api/admin/requests?${new URLSearchParams(filter)}`)
  ).json();
  expect(lines.map((line) => JSON.parse(line))).toEqual(list.items);
  expect(lines).toHaveLength(4);
});

test("nothing found is a head alone, or nothing at all", async () => {
  const { ask } = await filled(0);
  expect((await (await ask("GET", "/api/admin/requests/export")).text()).split("\r\n")).toHaveLength(2);
  expect(await (await ask("GET", "/api/admin/requests/export?format=ndjson")).text()).toBe("");
});

test("pages are read as the reader takes them: nothing is read ahead of it", async () => {
  const { ask, memory } = await filled(2_600);
  memory.journal.length = 0;
  const response = await ask("GET", "/api/admin/requests/export?format=ndjson");
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.read();
  expect(memory.journal.length).toBeLessThanOrEqual(3);
  await reader?.cancel();
  expect(memory.journal.length).toBeLessThanOrEqual(3);
});

test("a history that goes away in the middle breaks the stream; one that is away from the start is 503", async () => {
  const { ask, memory } = await filled(1_700);
  const response = await ask("GET", "/api/admin/requests/export");
  const reader = response.body?.getReader();
  await reader?.read();
  memory.away = true;
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  await expect(reader?.read()).rejects.toThrow("the history went away in the middle");
  expect((await ask("GET", "/api/admin/requests/export")).status).toBe(503);
  logged.mockRestore();
});

test.each([
  ["format", "xlsx"],
  ["status", "abc"],
  ["from", "yesterday"],
])("refuses %s=%s by its name", async (field, value) => {
  const { ask } = await bench();
  const response = await ask("GET", `/api/admin/requests/export?${field}=${value}`);
  expect(response.status).toBe(400);
  const answer: { fields: Record<string, string> } = await response.json();
  expect(Object.keys(answer.fields)).toEqual([field]);
});

test("events and statistics hand what was asked to the history", async () => {
  const { ask, history } = await bench();
  const filter = { kind: "key_created", agent_id: AGENT_ID, actor: "admin", from: "2026-01-01T00:00:00Z" };
  expect(
    (await ask("GET", `/api/admin/events?${new URLSearchParams({ ...filter, limit: "7" })}`)).status,
  ).toBe(200);
  expect(history.eventLists).toEqual([{ filter, limit: 7, cursor: undefined }]);
  expect((await ask("GET", "/api/admin/events?cursor=made-up")).status).toBe(400);
  expect((await ask("GET", "/api/admin/stats?model=m")).status).toBe(200);
  expect(history.statsAsked).toEqual([{ range: "24h", model: "m" }]);
  expect((await ask("GET", "/api/admin/stats/series?metric=requests,cpu_usage&step=300")).status).toBe(200);
  expect(history.seriesAsked).toEqual([{ range: "1h", step: 300, metric: ["requests", "cpu_usage"] }]);
});

test.each([
  ["stats?range=2h", "range"],
  [`stats?model=m&agent_id=${AGENT_ID}`, "agent_id"],
  ["stats/series?metric=nonsense", "metric.0"],
  ["stats/series?metric=requests&step=61", "step"],
  ["stats/series", "metric"],
])("GET /api/admin/%s is refused by %s", async (path, field) => {
  const { ask } = await bench();
  const response = await ask("GET", `/api/admin/${path}`);
  expect(response.status).toBe(400);
  const answer: { fields: Record<string, string> } = await response.json();
  expect(Object.keys(answer.fields)).toEqual([field]);
});
