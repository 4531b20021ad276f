import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import type { RequestFilter, RequestView } from "../../shared/api/requests.ts";
import { requestRow } from "../../shared/api/testing/request-row.ts";
import { releaseMigrations } from "../serve/release.ts";
import { nodeDatabase } from "../serve/sqlite/node-database.ts";
import { NodeStorage } from "../serve/sqlite/node-storage.ts";
import { BadCursor, SqlHistory } from "./history.ts";
import { migrate } from "./migrate.ts";

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const START = Date.parse("2026-05-01T00:00:00.000Z");
const at = (seconds: number) => new Date(START + seconds * 1_000).toISOString();

const view = (n: number, over: Partial<RequestView> = {}): RequestView =>
  requestRow({ id: uuid(n), at: at(n), reason: "loaded", queue_ms: 0.25, first_byte_ms: 12.5, ...over });

let database: DatabaseSync;
let history: SqlHistory;
let journal: { query: string; params: unknown[] }[];

beforeEach(() => {
  database = new DatabaseSync(":memory:");
  const storage = new NodeStorage(database);
  migrate(storage, releaseMigrations());
  journal = [];
  const plain = nodeDatabase(storage);
  history = new SqlHistory({
    ...plain,
    execute: async (query, params) => {
      journal.push({ query, params });
      return plain.execute(query, params);
    },
  });
  return () => database.close();
});

const write = (...requests: RequestView[]) => history.write({ requests, events: [], samples: [] });

async function idsOf(filter: RequestFilter): Promise<number[]> {
  const { items } = await history.list(filter, { limit: 500 });
  return items.map(({ id }) => Number(id.slice(-12)));
}

test("a row comes back exactly as it was written", async () => {
  const full = view(1, { key_id: uuid(7), key_name: 'o\'hara "x" ✓', completion_tokens: 9, load_ms: 1.5 });
  await write(full, view(2));
  expect(await history.get(uuid(1))).toEqual(full);
  expect(await history.get(uuid(2))).toEqual(view(2));
  expect(await history.get(uuid(3))).toBeUndefined();
});

test("writing rows twice changes nothing", async () => {
  const event = { id: uuid(9), at: at(1), kind: "agent_online", actor: null, agent_id: null, detail: "{}" };
  const rows = { requests: [view(1), view(2)], events: [event], samples: [] };
  await history.write(rows);
  await history.write(rows);
  expect(await idsOf({})).toEqual([2, 1]);
  expect(database.prepare("SELECT count(*) AS n FROM events").get()).toEqual({ n: 1 });
});

test("a row that lacks a value is refused, and not dropped in silence", async () => {
  const noTime = view(1, { at: "yesterday" });
  await expect(write(noTime)).rejects.toThrow(/requests\.at/);
});

test("a batch is one statement with one parameter, and parts only where D1's limit of 2 MB asks for it", async () => {
  await write(...Array.from({ length: 500 }, (_, n) => view(n)));
  expect(journal.map(({ params }) => params.length)).toEqual([1]);
  journal.length = 0;
  const endpoint = "x".repeat(400_000);
  await write(view(1_001, { endpoint }), view(1_002, { endpoint }), view(1_003));
  expect(journal.length).toBe(2);
  expect(database.prepare("SELECT count(*) AS n FROM requests").get()).toEqual({ n: 503 });
});

test("pages give every row once, newest first, also where many arrived at once", async () => {
  await write(...Array.from({ length: 53 }, (_, n) => view(n, { at: at(Math.floor(n / 20)) })));
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await history.list({}, { limit: 7, cursor });
    seen.push(...page.items.map((row) => `${row.at} ${row.id}`));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual([...new Set(seen)].sort().reverse());
  expect(seen).toHaveLength(53);
});

test("the last page has no cursor, also when it is full", async () => {
  await write(view(1), view(2));
  expect((await history.list({}, { limit: 2 })).next_cursor).toBeNull();
  expect((await history.list({}, { limit: 1 })).next_cursor).toEqual(expect.any(String));
});

test.each(["", "x", "1.2", `zz.${uuid(1)}'`, `.${uuid(1)}`])(
  "cursor %j is refused as such",
  async (cursor) => {
    await expect(history.list({}, { limit: 5, cursor })).rejects.toBeInstanceOf(BadCursor);
  },
);

test("each filter leaves what it names", async () => {
  await write(
    view(1, { model: "a", agent_id: uuid(50), status: 500 }),
    view(2, { model: "b", key_id: uuid(60), status: 503 }),
    view(3, { model: "a", endpoint: "/v1/messages", status: 404 }),
  );
  expect(await idsOf({ model: "a" })).toEqual([3, 1]);
  expect(await idsOf({ agent_id: uuid(50) })).toEqual([1]);
  expect(await idsOf({ key_id: uuid(60) })).toEqual([2]);
  expect(await idsOf({ endpoint: "/v1/messages" })).toEqual([3]);
  expect(await idsOf({ status: "503" })).toEqual([2]);
  expect(await idsOf({ status: "5xx" })).toEqual([2, 1]);
  expect(await idsOf({ from: at(2) })).toEqual([3, 2]);
  expect(await idsOf({ to: at(2) })).toEqual([2, 1]);
  expect(await idsOf({ model: "a", status: "4xx", from: at(1) })).toEqual([3]);
});

describe("no list is sorted: an index gives the order of", () => {
  const FILTERS: Record<string, RequestFilter> = {
    nothing: {},
    model: { model: "a" },
    agent: { agent_id: uuid(1) },
    key: { key_id: uuid(1) },
    status: { status: "503" },
    "status class": { status: "5xx" },
    endpoint: { endpoint: "/api/chat" },
    from: { from: at(1) },
    to: { to: at(1) },
    span: { from: at(1), to: at(9) },
  };
  for (const [name, filter] of Object.entries(FILTERS)) {
    for (const cursor of [undefined, `${START.toString(36)}.${uuid(5)}`]) {
      test(cursor === undefined ? name : `${name}, next page`, async () => {
        await history.list(filter, { limit: 50, cursor });
        const [asked] = journal.splice(0);
        const plan = new NodeStorage(database)
          .rows(`EXPLAIN QUERY PLAN ${asked?.query}`, asked?.params ?? [])
          .map((step) => String(step[3]));
        expect(plan).toEqual([expect.stringMatching(/^(SEARCH|SCAN) requests USING INDEX requests_/)]);
      });
    }
  }
});

test("pruning deletes a bounded number of old rows and nothing younger, and no request that is in no sum yet", async () => {
  const DAY = 86_400_000;
  await write(...Array.from({ length: 10 }, (_, n) => view(n)));
  const prune = (limit: number) => history.prune(START + 6_000 + DAY, 1, limit);
  expect(await prune(4)).toBe(0);
  expect(await history.rollUp(100)).toBe(false);
  expect(await prune(4)).toBe(4);
  expect(await prune(4)).toBe(2);
  expect(await prune(4)).toBe(0);
  expect(await idsOf({})).toEqual([9, 8, 7, 6]);
});
