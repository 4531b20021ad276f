import { expect, test } from "vitest";
import { FEED, type FeedState, feedDiff } from "./feed.ts";
import { applyFeed } from "./feed-apply.ts";
import { agentNamed, eventOf, NOBODY } from "./testing/feed-parts.ts";

const STATE: FeedState = { ...NOBODY, agents: [agentNamed("a"), agentNamed("b")] };
const diff = (parts: object) =>
  feedDiff.parse({ type: "diff", version: 2, at: "2026-01-31T12:00:00.000Z", ...parts });

test("a machine that did not change stays the same object, so that its row is not drawn again", () => {
  const next = applyFeed(STATE, diff({ agents: { changed: [{ id: "b", active_requests: 3 }], gone: [] } }));
  expect(next.agents[0]).toBe(STATE.agents[0]);
  expect(next.agents[1]).toEqual({ ...agentNamed("b"), active_requests: 3 });
  expect(next.pairings).toBe(STATE.pairings);
});

test("machines come and go", () => {
  const next = applyFeed(STATE, diff({ agents: { changed: [agentNamed("c")], gone: ["a"] } }));
  expect(next.agents.map(({ id }) => id)).toEqual(["b", "c"]);
});

test("events are newest first, told once, and no more than a page keeps", () => {
  const old = Array.from({ length: FEED.events }, (_, at) => eventOf(at));
  const next = applyFeed({ ...NOBODY, events: old }, diff({ events: [eventOf(100), eventOf(101)] }));
  expect(next.events).toHaveLength(FEED.events);
  expect(next.events.slice(0, 3)).toEqual([eventOf(101), eventOf(100), eventOf(0)]);
  expect(
    applyFeed(next, diff({ events: [eventOf(101)] })).events.filter(({ id }) => id === eventOf(101).id),
  ).toHaveLength(1);
});

test("a snapshot after a loss keeps the history that was seen", () => {
  const next = applyFeed(
    { ...NOBODY, events: [eventOf(1)] },
    {
      type: "snapshot",
      version: 1,
      at: "2026-01-31T12:00:00.000Z",
      coordinator: { version: "0.1.0", demo: false },
      state: { ...NOBODY, events: [eventOf(2)] },
    },
  );
  expect(next.events).toEqual([eventOf(2), eventOf(1)]);
});
