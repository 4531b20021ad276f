import { expect, test } from "vitest";
import { NOT_ROUTABLE } from "../../../../shared/api/agents.ts";
import { en } from "../../text/machines/en.ts";
import { isGroup, looksOf, STATE_GROUPS, stateOf } from "./machine-state.ts";

const routable = {
  routable: true,
  not_routable_reason: null,
  active_requests: 0,
  status: "online",
} as const;

test("a machine that takes work is ready, and working while it answers", () => {
  expect(stateOf(routable)).toBe("ready");
  expect(stateOf({ ...routable, active_requests: 2 })).toBe("working");
});

test.each(NOT_ROUTABLE)("%s is told in words, and what to do is said", (reason) => {
  const state = stateOf({ ...routable, routable: false, not_routable_reason: reason });
  expect(state).toBe(reason);
  expect(STATE_GROUPS).toContain(looksOf(state).group);
  expect(looksOf(state).group).not.toBe("ready");
  expect(en.state[state].next).not.toBeNull();
});

test("what needs somebody comes first where the list is sorted by state", () => {
  const ranks = NOT_ROUTABLE.map((state) => looksOf(state).rank);
  expect(new Set(ranks).size).toBe(NOT_ROUTABLE.length);
  expect(looksOf("ollama_hung").rank).toBeLessThan(looksOf("ready").rank);
  expect(looksOf("offline").rank).toBe(Math.max(...ranks));
});

test("a filter of the address that names no group filters nothing", () => {
  expect(isGroup("problem")).toBe(true);
  expect(isGroup("constructor")).toBe(false);
});
