import fc from "fast-check";
import { expect, test } from "vitest";
import { LineReader } from "./line-reader.ts";

test("lines come out as they went in, wherever the bytes are cut", () => {
  const line = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll("\n", " "));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), fc.integer({ min: 1, max: 7 }), (lines, step) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(""));
      const reader = new LineReader(1_000);
      const read: string[] = [];
      for (let at = 0; at < bytes.length; at += step)
        read.push(...(reader.push(bytes.subarray(at, at + step)) ?? []));
      expect(read).toEqual(lines.map((text) => Buffer.from(text).toString()));
    }),
  );
});

test("a line that is too long is noticed before its end comes", () => {
  const reader = new LineReader(4);
  expect(reader.push(Buffer.from("1234\n12"))).toEqual(["1234"]);
  expect(reader.push(Buffer.from("345"))).toBeUndefined();
});
