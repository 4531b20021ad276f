import { expect, test } from "vitest";
import { BEGUN, shareOf, withLine } from "./pull-progress.ts";

const after = (...lines: unknown[]) => lines.reduce(withLine, BEGUN) as typeof BEGUN;

test("the layers of a pull are counted together", () => {
  const progress = after(
    { status: "pulling manifest" },
    { status: "pulling a", digest: "a", total: 100 },
    { status: "pulling a", digest: "a", total: 100, completed: 60 },
    { status: "pulling b", digest: "b", total: 300, completed: 100 },
  );
  expect(progress).toMatchObject({ status: "pulling b", completed: 160, total: 400, done: false });
  expect(shareOf(progress)).toBe(0.4);
});

test("only success is the end of it", () => {
  expect(after({ status: "verifying sha256 digest" }).done).toBe(false);
  expect(after({ status: "success" }).done).toBe(true);
});

test("an error inside a good answer is an error", () => {
  expect(after({ status: "pulling manifest" }, { error: "file does not exist" }).error).toBe(
    "file does not exist",
  );
});

test.each([null, 7, "text", [], {}, { status: 5 }, { digest: "a" }])("%j is no progress", (line) => {
  expect(withLine(BEGUN, line)).toBe(BEGUN);
});

test("a layer never has more than its whole, and what nobody knows has no share", () => {
  expect(after({ status: "p", digest: "a", total: 10, completed: 99 }).completed).toBe(10);
  expect(shareOf(BEGUN)).toBeNull();
  expect(shareOf({ completed: null, total: null })).toBeNull();
});
