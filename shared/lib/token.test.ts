import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isToken, makeToken, SHOWN_CHARS, TOKEN_KINDS, type TokenKind } from "./token.ts";

const KINDS = Object.keys(TOKEN_KINDS) as TokenKind[];
const random = fc.uint8Array({ minLength: 32, maxLength: 32 });
const kind = fc.constantFrom(...KINDS);

test("a token is of its kind and of no other", () => {
  fc.assert(
    fc.property(kind, random, (made, bytes) => {
      const token = makeToken(made, bytes);
      expect(token).toMatch(/^oc[kjatp]_[A-Za-z0-9_-]{49}$/);
      expect(KINDS.filter((each) => isToken(each, token))).toEqual([made]);
    }),
  );
});

test("a token with one character mistyped, missing, added or swapped with its neighbour is none", () => {
  fc.assert(
    fc.property(random, fc.nat(52), fc.constantFrom(..."ABCxyz019-_ "), (bytes, at, char) => {
      const token = makeToken("key", bytes);
      const before = token.slice(0, at);
      const after = token.slice(at + 1);
      const swapped = `${before}${token[at + 1] ?? ""}${token[at] ?? ""}${token.slice(at + 2)}`;
      for (const wrong of [before + char + after, before + after, before + char + token.slice(at), swapped]) {
        if (wrong !== token) expect([wrong, isToken("key", wrong)]).toEqual([wrong, false]);
      }
    }),
    { numRuns: 500 },
  );
});

test("no two secrets give the same token: all 256 bits are in it", () => {
  fc.assert(
    fc.property(random, fc.nat(255), (bytes, bit) => {
      const other = bytes.slice();
      const at = bit >> 3;
      other[at] = (other[at] ?? 0) ^ (1 << (bit & 7));
      expect(makeToken("key", other)).not.toBe(makeToken("key", bytes));
    }),
  );
});

test.each([0, 16, 31, 33, 64])("%i random bytes are refused", (length) => {
  expect(() => makeToken("key", new Uint8Array(length))).toThrow(
    `a token needs 32 random bytes, not ${length}`,
  );
});

describe("what is no token", () => {
  const token = makeToken("key", new Uint8Array(32).fill(7));
  test.each([
    "",
    "ock_",
    " ",
    token.slice(0, -1),
    `${token}x`,
    ` ${token}`,
    `${token}\n`,
    token.toUpperCase(),
    token.replace("ock", "ocx"),
    token.replace("ock", "oca"),
    `ock_${"A".repeat(49)}`,
  ])("%j", (text) => {
    for (const each of KINDS) expect(isToken(each, text)).toBe(false);
  });
});

test("what is shown of a token is its kind and six characters", () => {
  expect(makeToken("agent", new Uint8Array(32)).slice(0, SHOWN_CHARS)).toBe("oca_AAAAAA");
});
