import { expect, test } from "vitest";
import { latest } from "./latest.ts";

const one = (id: string, at: number, agent_id: string | null = "a") => ({
  id,
  at: new Date(at).toISOString(),
  agent_id,
});

test("what the feed and the history both know is shown once, newest first", () => {
  const told = [one("3", 3_000), one("2", 2_000), one("x", 9_000, "b")];
  const asked = [one("2", 2_000), one("1", 1_000), one("y", 9_000, null)];
  expect(latest(told, asked, "a").map(({ id }) => id)).toEqual(["3", "2", "1"]);
});

test("ten are enough", () => {
  const many = Array.from({ length: 30 }, (_, at) => one(String(at), at * 1_000));
  expect(latest([], many, "a").map(({ id }) => id)).toEqual(
    Array.from({ length: 10 }, (_, at) => String(29 - at)),
  );
});
