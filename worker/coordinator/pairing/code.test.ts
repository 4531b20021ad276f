import fc from "fast-check";
import { expect, test } from "vitest";
import { CODE_BYTES, makeCode, normalCode } from "./code.ts";

const random = fc.uint8Array({ minLength: CODE_BYTES, maxLength: CODE_BYTES });

test("a code is four letters that nobody takes for another and make no word, and four digits", () => {
  fc.assert(
    fc.property(random, (bytes) => {
      expect(makeCode(bytes)).toMatch(/^[BCDFGHJKMNPQRSTVWXYZ]{4}-\d{4}$/);
    }),
  );
});

test("a code is understood however it is typed", () => {
  fc.assert(
    fc.property(
      random,
      fc.constantFrom("", " ", "-", " - ", "–", "ー", "\t"),
      fc.boolean(),
      (bytes, dash, small) => {
        const code = makeCode(bytes);
        const typed = ` ${code.replace("-", dash)} `;
        expect(normalCode(small ? typed.toLowerCase() : typed)).toBe(code);
      },
    ),
  );
  expect(normalCode("xk cd 48 21")).toBe("XKCD-4821");
  expect(normalCode("ＸＫＣＤ－４８２１")).toBe("XKCD-4821");
});

test.each([
  "",
  "XKCD",
  "XKCD-482",
  "XKCD-48211",
  "XKCDX-482",
  "4821-XKCD",
  "XKCI-4821",
  "XKCA-4821",
  "XKCD/4821",
])("%j is no code", (typed) => expect(normalCode(typed)).toBeUndefined());
