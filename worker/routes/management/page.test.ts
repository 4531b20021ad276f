import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutPage } from "./page.ts";
import { bench } from "./testing/bench.ts";
import { joinTokenNamed, keyNamed } from "./testing/fake-cell.ts";

interface Item {
  id: string;
  created_at: string;
}

const item = fc.record({
  id: fc.uuid(),
  created_at: fc.integer({ min: 0, max: 5 }).map((second) => new Date(second * 1_000).toISOString()),
});
const items = fc.uniqueArray(item, { selector: ({ id }) => id, maxLength: 40 });
const key = ({ created_at, id }: Item): string => `${created_at} ${id}`;

function walk(all: Item[], limit: number, between: (seen: Item[]) => Item[] = () => all): Item[] {
  const seen: Item[] = [];
  let cursor: string | undefined;
  let now = all;
  do {
    const page = cutPage(now, { limit, cursor });
    if (page === undefined) throw new Error("refused its own cursor");
    expect(page.items.length).toBeLessThanOrEqual(limit);
    // A page that begins with the cursor's own item would never end.
    expect(seen).not.toContain(page.items[0]);
    seen.push(...page.items);
    cursor = page.next_cursor ?? undefined;
    now = between(seen);
  } while (cursor !== undefined);
  return seen;
}

describe("cutPage", () => {
  test("the pages together are the list, in order, each item once", () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 10 }), (all, limit) => {
        const expected = all.map(key).sort();
        expect(walk(all, limit).map(key)).toEqual(expected);
      }),
    );
  });

  test("what is removed between two pages shifts nothing", () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 5 }), (all, limit) => {
        const remaining = (seen: Item[]): Item[] => all.filter((one) => !seen.includes(one));
        expect(walk(all, limit, remaining).map(key)).toEqual(all.map(key).sort());
      }),
    );
  });

  test("a last page that is exactly full has no next", () => {
    const all = [1, 2].map((n) => ({ id: String(n), created_at: "2026-01-31T12:00:00.000Z" }));
    expect(cutPage(all, { limit: 2 })?.next_cursor).toBeNull();
    expect(cutPage(all, { limit: 1 })?.next_cursor).not.toBeNull();
  });

  test("any text is a cursor or is refused, and never throws", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.string().map((text) => btoa(encodeURI(text))),
    );
    fc.assert(fc.property(texts, (cursor) => void cutPage([], { limit: 1, cursor })));
    for (const cursor of ["", "a", "AAAA", btoa("2026-01-31 x"), "ü"]) {
      expect(cutPage([], { limit: 1, cursor })).toBeUndefined();
    }
  });
});

describe.each([
  ["/api/admin/keys", "keys"],
  ["/api/admin/join-tokens", "joinTokens"],
] as const)("GET %s", (path, list) => {
  test("pages through, oldest first", async () => {
    const { ask, world } = await bench();
    const at = ["2026-01-03T00:00:00.000Z", "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"];
    world.keys = at.map((created, index) => keyNamed(`n${index}`, created));
    world.joinTokens = at.map((created, index) => joinTokenNamed(`n${index}`, created, crypto.randomUUID()));
    const first = await (await ask("GET", `${path}?limit=2`)).json();
    expect(first.items.map((one: { name: string }) => one.name)).toEqual(["n1", "n2"]);
    const second = await (await ask("GET", `${path}?limit=2&cursor=${first.next_cursor}`)).json();
    expect(second).toEqual({ items: [expect.objectContaining({ name: "n0" })], next_cursor: null });
    expect(world[list]).toHaveLength(3);
  });

  test.each([["limit=0"], ["limit=501"], ["limit=x"], ["limit=1.5"], ["limit="], ["limit=1&limit=2"]])(
    "refuses %s and says what is allowed",
    async (query) => {
      const response = await (await bench()).ask("GET", `${path}?${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        code: "bad_request",
        fields: { limit: expect.any(String) },
      });
    },
  );

  test("refuses a cursor that it did not give out", async () => {
    const response = await (await bench()).ask("GET", `${path}?cursor=made-up`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ fields: { cursor: expect.any(String) } });
  });
});
