import { beforeEach, expect, test } from "vitest";
import type { EventFilter } from "../../shared/api/events.ts";
import type { RequestFilter } from "../../shared/api/requests.ts";
import { MemoryHistory, request, uuid } from "../serve/sqlite/testing/memory-history.ts";

const START = Date.parse("2026-05-01T00:00:00.000Z");
const at = (seconds: number) => new Date(START + seconds * 1_000).toISOString();
const CURSOR = `${START.toString(36)}.${uuid(5)}`;

let memory: MemoryHistory;
beforeEach(() => {
  memory = new MemoryHistory();
  return () => memory.database.close();
});

/** Every choice of some of them. */
function subsets<T>(items: readonly T[]): T[][] {
  return Array.from({ length: 2 ** items.length }, (_, bits) =>
    items.filter((_item, at) => (bits >> at) % 2 === 1),
  );
}

const REQUESTS: RequestFilter[] = [
  { model: "a" },
  { agent_id: uuid(1) },
  { key_id: uuid(1) },
  { endpoint: "/api/chat" },
  { from: at(1) },
  { to: at(9) },
];
const STATUSES: RequestFilter[] = [
  {},
  { status: "200" },
  { status: "2xx" },
  { status: "503" },
  { status: "4xx" },
];

test("whatever is asked of the requests, on whichever page: one index gives it, in order", async () => {
  for (const chosen of subsets(REQUESTS)) {
    for (const status of STATUSES) {
      for (const cursor of [undefined, CURSOR]) {
        const filter: RequestFilter = Object.assign({}, status, ...chosen);
        await memory.history.list(filter, { limit: 50, cursor });
        const plans = memory.plans();
        expect([filter, plans]).toEqual([
          filter,
          [[expect.stringMatching(/^(SEARCH|SCAN) requests USING INDEX requests_/)]],
        ]);
      }
    }
  }
});

test("errors alone are found in the index that has nothing else", async () => {
  for (const status of ["5xx", "4xx", "503"]) {
    await memory.history.list({ status }, { limit: 50 });
    expect(memory.plans()).toEqual([[expect.stringContaining("USING INDEX requests_errors")]]);
  }
});

test("whatever is asked of the events, on whichever page: one index gives it, in order", async () => {
  const filters: EventFilter[] = [
    { kind: "k" },
    { agent_id: uuid(1) },
    { actor: "admin" },
    { from: at(1) },
    { to: at(9) },
  ];
  for (const chosen of subsets(filters)) {
    for (const cursor of [undefined, CURSOR]) {
      await memory.history.listEvents(Object.assign({}, ...chosen), { limit: 50, cursor });
      expect(memory.plans()).toEqual([
        [expect.stringMatching(/^(SEARCH|SCAN) events USING INDEX events_at/)],
      ]);
    }
  }
});

test("summing up, pruning, statistics and charts read no table from end to end", async () => {
  await memory.write(request(1));
  memory.journal.length = 0;
  const now = START + 60_000;
  await memory.history.rollUp(10);
  await memory.history.prune(now, 7, 10);
  for (const range of ["1h", "24h", "30d"] as const) {
    for (const about of [{}, { model: "a" }, { agent_id: uuid(1) }, { key_id: uuid(1) }]) {
      await memory.history.stats({ range, ...about }, now);
      await memory.history.series({ range, metric: ["requests", "cpu_usage"], ...about }, now);
    }
  }
  const scans = memory
    .plans()
    .flat()
    .filter((line) => /^SCAN (requests|events|rollups|samples|r|s)\b/.test(line));
  expect(scans).toEqual([]);
});

test("events come newest first, each once, with the filters that were asked for", async () => {
  const events = Array.from({ length: 25 }, (_, n) => ({
    id: uuid(n),
    at: at(Math.floor(n / 10)),
    kind: n % 2 === 0 ? "agent_online" : "key_created",
    actor: n % 5 === 0 ? "admin" : null,
    agent_id: n % 2 === 0 ? uuid(100) : null,
    detail: JSON.stringify({ n }),
  }));
  await memory.history.write({ requests: [], events, samples: [] });
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await memory.history.listEvents({}, { limit: 4, cursor });
    seen.push(...page.items.map((item) => `${item.at} ${item.id}`));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(events.map((event) => `${event.at} ${event.id}`).reverse());

  const found = async (filter: EventFilter) =>
    (await memory.history.listEvents(filter, { limit: 100 })).items.map(({ detail }) => detail.n);
  expect(await found({ kind: "key_created", from: at(2) })).toEqual([23, 21]);
  expect(await found({ actor: "admin", to: at(0) })).toEqual([5, 0]);
  expect(await found({ agent_id: uuid(100), actor: "admin" })).toEqual([20, 10, 0]);
});
