import { describe, expect, test } from "vitest";
import {
  CLOSE_CODES,
  type CloseCode,
  closeCodeOf,
  FINAL_CLOSES,
  RESET_CODES,
  type ResetCode,
  resetCodeOf,
} from "./codes.ts";

describe("codes", () => {
  test("TN2: close codes are WebSocket's 1001 or in the application range, each once, and known by their number", () => {
    const codes = Object.values<number>(CLOSE_CODES);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code === 1001 || (code >= 4000 && code <= 4999)).toBe(true);
    for (const name of Object.keys(CLOSE_CODES) as CloseCode[])
      expect(closeCodeOf(CLOSE_CODES[name])).toBe(name);
    expect(closeCodeOf(1006)).toBeUndefined();
  });

  test("TN2: after revoked, identity_conflict and version an agent does not dial again by itself", () => {
    expect([...FINAL_CLOSES].sort()).toEqual(["identity_conflict", "revoked", "version"]);
  });

  test("TN14: reset codes are one byte, each once, from 1, and nothing else is one", () => {
    const codes = Object.values<number>(RESET_CODES);
    expect(codes).toEqual(codes.map((_, at) => at + 1));
    for (const name of Object.keys(RESET_CODES) as ResetCode[])
      expect(resetCodeOf(RESET_CODES[name])).toBe(name);
    expect([resetCodeOf(0), resetCodeOf(codes.length + 1), resetCodeOf(255)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
