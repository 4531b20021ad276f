import { expect, test } from "vitest";
import type { ClientSide } from "./client-side.ts";
import { LineMerge } from "./line-merge.ts";

function stalledClient(): ClientSide & { written: number } {
  return {
    written: 0,
    head: () => {},
    write(bytes) {
      this.written += bytes.length;
    },
    end: () => {},
    fail: () => {},
    onConsumed: () => {},
    onGone: () => {},
    gone: false,
  };
}

test("machines that talk faster than the client reads are held back until it has caught up", () => {
  const client = stalledClient();
  const merge = new LineMerge(client, []);
  let taken = 0;
  for (let line = 0; line < 3; line++) {
    merge.line({ status: "x".repeat(200_000) });
    merge.whenRead(() => taken++);
  }
  expect(taken).toBe(1);
  client.onConsumed(client.written);
  expect(taken).toBe(3);
  merge.whenRead(() => taken++);
  expect(taken).toBe(4);
});
