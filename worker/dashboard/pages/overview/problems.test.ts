import { expect, test } from "vitest";
import { agentNamed, NOBODY } from "../../../../shared/api/testing/feed-parts.ts";
import { MOST_TILES, problemsOf, tilesOf } from "./problems.ts";

const offline = { status: "offline", routable: false, not_routable_reason: "offline" } as const;

test("a healthy fleet has no problems, and an empty one neither", () => {
  expect(problemsOf([agentNamed("a")], NOBODY.now, [])).toEqual([]);
  expect(problemsOf([], NOBODY.now, [])).toEqual([]);
});

test("the worst comes first", () => {
  const agents = [
    agentNamed("a", offline),
    agentNamed("b", { routable: false, not_routable_reason: "ollama_hung" }),
    agentNamed("c", { breakers: [{ model: "m", state: "open" }] }),
    agentNamed("d", { breakers: [{ model: "m", state: "closed" }] }),
  ];
  const now = { ...NOBODY.now, waiting: 50, outbox: 5_000, error_rate: 0.5 };
  const found = problemsOf(agents, now, []);
  expect(found.map(({ kind }) => kind)).toEqual(["hung", "errors", "breaker", "queue", "outbox", "offline"]);
  expect(found[2]).toMatchObject({ names: ["m · c"] });
});

test("that nobody can work is worse than each reason for it, and a full queue is not also long", () => {
  const found = problemsOf([agentNamed("a", offline)], { ...NOBODY.now, waiting: 100 }, []);
  expect(found.map(({ kind }) => kind)).toEqual(["nobody", "queueFull", "offline"]);
});

test("of a thousand machines the busiest have tiles, in the order of their names", () => {
  const agents = Array.from({ length: 1_000 }, (_, at) =>
    agentNamed(`m-${at}`, { active_requests: at === 999 ? 3 : 0 }),
  );
  const tiles = tilesOf(agents).map(({ name }) => name);
  expect(tiles).toHaveLength(MOST_TILES);
  expect([tiles[0], tiles[1], tiles.at(-1)]).toEqual(["m-0", "m-1", "m-999"]);
});
