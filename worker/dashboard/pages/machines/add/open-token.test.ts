import { expect, test } from "vitest";
import { isOpen } from "./open-token.ts";

const now = Date.parse("2026-11-23T10:00:00.000Z");
const token = { expires_at: "2026-11-23T11:00:00.000Z", uses: 0, max_uses: 1 };

test("a join token is open until it has ended or was used up", () => {
  expect(isOpen(token, now)).toBe(true);
  expect(isOpen({ ...token, uses: 1 }, now)).toBe(false);
  expect(isOpen({ ...token, expires_at: "2026-11-23T10:00:00.000Z" }, now)).toBe(false);
});
