import fc from "fast-check";
import { expect, test } from "vitest";
import { eventFilter } from "../../../../shared/api/events.ts";
import { changes } from "../../../coordinator/changes.ts";
import { hrefOf } from "../../lib/paths.ts";
import { differencesOf, otherDetails, subjectOf } from "./event-diff.ts";
import { apiFilter, type Filters, filtersOf, passes, queryOf } from "./event-filter.ts";
import { mergeNewest } from "./merge-events.ts";

const NOW = Date.parse("2026-11-23T12:00:00.000Z");

test("filters go into an address and come back as they were, and the API takes them", () => {
  const text = fc.oneof(fc.constant(""), fc.string({ maxLength: 100 }));
  const filters: fc.Arbitrary<Filters> = fc.record({
    kind: text,
    agent_id: fc.oneof(fc.constant(""), fc.uuid()),
    actor: text,
    last: fc.constantFrom("", "15m", "7d"),
    from: fc.constant(""),
    to: fc.constant(""),
  });
  fc.assert(
    fc.property(filters, (all) => {
      const url = new URL(hrefOf("/events", queryOf(all)), "http://a");
      expect(filtersOf(url.searchParams)).toEqual(all);
      expect(eventFilter.safeParse(apiFilter(all, NOW)).success).toBe(true);
    }),
  );
});

test("an event of the feed passes as the API would decide it", () => {
  const event = {
    id: "1",
    at: "2026-11-23T11:00:00.000Z",
    kind: "login",
    actor: "admin",
    agent_id: null,
    detail: {},
  };
  const decide = (query: string) => passes(event, filtersOf(new URLSearchParams(query)), NOW);
  expect(["", "kind=login&actor=admin", "last=24h", "to=2026-11-23T11:00:00.000Z"].map(decide)).toEqual(
    Array(4).fill(true),
  );
  expect(["kind=logout", "actor=x", "last=15m", "from=2026-11-23T11:00:01Z"].map(decide)).toEqual(
    Array(4).fill(false),
  );
});

test("the live head and the history are one list: in order, nothing twice, nothing lost", () => {
  const ids = fc.uniqueArray(fc.integer({ min: 0, max: 40 }));
  const list = ids.map((numbers) =>
    numbers
      .sort((a, b) => b - a)
      .map((n) => ({ id: `e${n}`, at: `2026-11-23T12:00:${String(n).padStart(2, "0")}Z` })),
  );
  fc.assert(
    fc.property(list, list, (live, kept) => {
      const merged = mergeNewest(live, kept).map(({ id }) => id);
      const all = new Map([...live, ...kept].map(({ id, at }) => [id, at]));
      const expected = [...all].sort(([, a], [, b]) => (a < b ? 1 : -1)).map(([id]) => id);
      expect(merged).toEqual(expected);
    }),
  );
});

test("before and after become fields, tables looked into, lists and texts as they are", () => {
  const detail = {
    name: "attic",
    before: { weight: 1, queue: { max_length: 100 }, tags: ["a"], note: "" },
    after: { weight: 2, queue: { max_length: 5 }, tags: ["a", "b"], aliases: { x: "y" } },
  };
  expect(differencesOf(detail)).toEqual([
    { field: "weight", before: "1", after: "2" },
    { field: "queue.max_length", before: "100", after: "5" },
    { field: "tags", before: '["a"]', after: '["a","b"]' },
    { field: "note", before: "", after: undefined },
    { field: "aliases.x", before: undefined, after: "y" },
  ]);
  expect(otherDetails(detail)).toEqual([["name", "attic"]]);
  expect([subjectOf(detail), subjectOf({ model: "m" }), subjectOf({})]).toEqual(["attic", "m", null]);
});

test("whatever the coordinator calls a change is shown as one", () => {
  fc.assert(
    fc.property(fc.object({ maxDepth: 2 }), fc.object({ maxDepth: 2 }), (before, after) => {
      // As it comes over the wire.
      const told: unknown = JSON.parse(JSON.stringify(changes(before, after) ?? null));
      if (typeof told !== "object" || told === null) return;
      const rows = differencesOf({ ...told });
      for (const { before: was, after: is } of rows) expect(was).not.toBe(is);
    }),
  );
});
