import fc from "fast-check";
import { expect, test } from "vitest";
import { type RequestView, requestFilter } from "../../../../shared/api/requests.ts";
import { hrefOf } from "../../lib/paths.ts";
import {
  apiFilter,
  exportHref,
  type Filters,
  filtersOf,
  held,
  LASTS,
  passes,
  passesRunning,
  queryOf,
} from "./request-filter.ts";
import { countNewer } from "./tail.ts";

const NOW = Date.parse("2026-11-23T12:00:00.000Z");
const NONE: Filters = {
  model: "",
  agent_id: "",
  key_id: "",
  status: "",
  endpoint: "",
  last: "",
  from: "",
  to: "",
};
const ID = "00000000-0000-4000-8000-000000000001";

const time = fc
  .date({ min: new Date("1970-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());
const optional = (values: fc.Arbitrary<string>) => fc.oneof(fc.constant(""), values);
const filters: fc.Arbitrary<Filters> = fc
  .record({
    model: optional(fc.string({ unit: "grapheme", maxLength: 100 })),
    agent_id: optional(fc.uuid()),
    key_id: optional(fc.uuid()),
    status: fc.constantFrom("", "200", "404", "4xx", "5xx"),
    endpoint: optional(fc.string({ maxLength: 60 })),
    last: fc.constantFrom("", ...LASTS),
    from: optional(time),
    to: optional(time),
  })
  .map((all) => (all.last === "" ? all : { ...all, from: "", to: "" }));

test("filters go into an address and come back as they were", () => {
  fc.assert(
    fc.property(filters, (all) => {
      const url = new URL(hrefOf("/requests", queryOf(all)), "http://a");
      expect(filtersOf(url.searchParams)).toEqual(all);
    }),
  );
});

test("whatever an address holds, the API takes the filters that come of it", () => {
  const names = fc.constantFrom(...Object.keys(NONE), "other");
  const values = fc.oneof(
    fc.string({ maxLength: 700 }),
    fc.constantFrom(
      "6xx",
      "200",
      "+275000-01-01T00:00:00Z",
      "-000001-01-01T00:00:00Z",
      "7d",
      ID,
      "2026-11-23",
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(names, values)), (pairs) => {
      const asked = apiFilter(filtersOf(new URLSearchParams(pairs)), NOW);
      expect(requestFilter.safeParse(asked).error).toBeUndefined();
    }),
  );
});

test("a moving span is counted back from now, and the export asks for the same", () => {
  const hour = filtersOf(new URLSearchParams("last=1h&status=5xx&from=2026-01-01T00:00:00Z"));
  expect(held(hour)).toEqual(["status", "last"]);
  expect(apiFilter(hour, NOW)).toEqual({ status: "5xx", from: "2026-11-23T11:00:00.000Z" });
  expect(exportHref(hour, "ndjson", NOW)).toBe(
    "/api/admin/requests/export?format=ndjson&status=5xx&from=2026-11-23T11%3A00%3A00.000Z",
  );
  expect(queryOf({ model: "", status: "200" })).toEqual({ model: null, status: "200" });
});

const row = {
  at: "2026-11-23T11:30:00.000Z",
  model: "m",
  agent_id: ID,
  key_id: null,
  status: 503,
  endpoint: "/api/chat",
};

test.each<[Partial<Filters>, boolean]>([
  [{}, true],
  [{ model: "m", agent_id: ID, endpoint: "/api/chat" }, true],
  [{ model: "n" }, false],
  [{ key_id: ID }, false],
  [{ status: "5xx" }, true],
  [{ status: "503" }, true],
  [{ status: "4xx" }, false],
  [{ status: "500" }, false],
  [{ last: "1h" }, true],
  [{ last: "15m" }, false],
  [{ from: "2026-11-23T11:30:00.000Z", to: "2026-11-23T11:30:00.000Z" }, true],
  [{ from: "2026-11-23T11:30:00.001Z" }, false],
  [{ to: "2026-11-23T11:29:59.999Z" }, false],
])("what comes by the feed is decided as the API would: %j", (some, expected) => {
  expect(passes(row as RequestView, { ...NONE, ...some }, NOW)).toBe(expected);
});

test("one that runs has no status yet, and is found by the name of its key", () => {
  const running = {
    id: ID,
    at: row.at,
    endpoint: "/api/chat",
    model: "m",
    key_name: "phone",
    state: "waiting" as const,
    agent_id: null,
    reason: null,
  };
  expect(passesRunning(running, { ...NONE, key_id: ID }, "phone")).toBe(true);
  expect(passesRunning(running, { ...NONE, key_id: ID }, undefined)).toBe(false);
  expect(passesRunning(running, { ...NONE, status: "2xx" }, undefined)).toBe(false);
  expect(passesRunning(running, { ...NONE, agent_id: ID }, undefined)).toBe(false);
});

test("what came meanwhile is counted from the newest that was there", () => {
  const rows = ["d", "c", "b"].map((id) => ({ id }));
  expect([
    countNewer(rows, "d"),
    countNewer(rows, "b"),
    countNewer(rows, "gone"),
    countNewer(rows, undefined),
  ]).toEqual([0, 2, 3, 3]);
});
