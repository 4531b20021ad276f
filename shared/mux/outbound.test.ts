import { describe, expect, test } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { Outbound } from "./outbound.ts";

const KIB = 1024;

function bytes(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (first + at) & 255);
}

/** Everything that may leave now: bytes, and whether an ending was among it. */
function takeAll(out: Outbound): { data: number[]; ending: string | undefined } {
  const data: number[] = [];
  let ending: string | undefined;
  while (out.ready) {
    const frame = out.take();
    if (frame === undefined) break;
    if (frame.type === "data") data.push(...frame.bytes);
    else ending = frame.type;
  }
  return { data, ending };
}

describe("Outbound", () => {
  test("TN8: small writes merge into one frame, and a frame has at most 16 KiB", () => {
    const out = new Outbound(1, LIMITS.window_bytes);
    for (let n = 0; n < 5; n++) out.write(bytes(3, n * 3));
    expect(out.take()).toEqual({ type: "data", stream: 1, bytes: bytes(15) });
    out.write(bytes(40 * KIB));
    const sizes: number[] = [];
    while (out.ready) {
      const frame = out.take();
      if (frame?.type === "data") sizes.push(frame.bytes.length);
    }
    expect(sizes).toEqual([16 * KIB, 16 * KIB, 8 * KIB]);
  });

  test("TN9: nothing leaves beyond the window, and the writer hears when to wait", () => {
    const out = new Outbound(1, 10);
    expect(out.write(bytes(9))).toBe(true);
    expect(out.write(bytes(9))).toBe(false);
    expect(takeAll(out).data).toHaveLength(10);
    expect(out.acknowledge(10, 10)).toBe(true);
    expect(takeAll(out).data).toHaveLength(8);
  });

  test("TN9: what is acknowledged is no longer held, also inside a chunk", () => {
    const out = new Outbound(1, 100);
    out.write(bytes(50));
    takeAll(out);
    out.acknowledge(20, 100);
    expect(out.held).toBe(30);
    out.acknowledge(50, 100);
    expect(out.held).toBe(0);
  });

  test.each([
    ["less than before", 3],
    ["more than was sent", 11],
  ])("TN9: credit for %s cannot be", (_, consumed) => {
    const out = new Outbound(1, 10);
    out.write(bytes(20));
    takeAll(out);
    out.acknowledge(5, 5);
    expect(out.acknowledge(consumed, 5)).toBeUndefined();
  });

  test("TN10: a window that shrinks below what is under way stops the sender until there is room again", () => {
    const out = new Outbound(1, 100);
    out.write(bytes(150));
    expect(takeAll(out).data).toHaveLength(100);
    expect(out.acknowledge(10, 20)).toBe(false);
    expect(out.ready).toBe(false);
    expect(out.take()).toBeUndefined();
    out.acknowledge(90, 20);
    expect(takeAll(out).data).toHaveLength(10);
    expect(out.acknowledge(110, 20)).toBe(false);
    expect(takeAll(out).data).toHaveLength(20);
    expect(out.acknowledge(131 - 1, 21)).toBe(true);
  });

  test("TN12: sending goes on from what the peer has, although that lies inside a chunk that is partly acknowledged", () => {
    const out = new Outbound(1, 100);
    out.write(bytes(10));
    out.write(bytes(20, 10));
    takeAll(out);
    out.acknowledge(13, 100);
    expect(out.rewind(17, 15, false)).toBe(true);
    expect(takeAll(out).data).toEqual([...bytes(13, 17)]);
    expect(out.rewind(29, 29, false)).toBe(true);
    expect(takeAll(out).data).toEqual([29]);
  });

  test("TN12: an ending that the peer has not seen is said again, one that it has seen is not", () => {
    const out = new Outbound(1, 100);
    out.write(bytes(3));
    out.end({ type: "end", json: undefined });
    expect(takeAll(out).ending).toBe("end");
    expect(out.rewind(3, 0, false)).toBe(true);
    expect(takeAll(out)).toEqual({ data: [], ending: "end" });
    expect(out.rewind(3, 0, true)).toBe(true);
    expect(takeAll(out).ending).toBeUndefined();
  });

  test("TN12: the peer may know of more than was sent since the last of several resumptions", () => {
    const out = new Outbound(1, 100);
    out.write(bytes(50));
    takeAll(out);
    expect(out.rewind(10, 0, false)).toBe(true);
    expect(out.rewind(40, 0, false)).toBe(true);
    expect(takeAll(out).data).toEqual([...bytes(10, 40)]);
  });

  test.each([
    ["received more than was ever sent", 11, 5, false],
    ["consumed more than it received", 6, 7, false],
    ["consumed less than it said before", 6, 4, false],
    ["seen an ending that there is not", 10, 5, true],
  ])("TN12: a peer that claims to have %s is not believed", (_, received, consumed, ended) => {
    const out = new Outbound(1, 10);
    out.write(bytes(20));
    takeAll(out);
    out.acknowledge(5, 5);
    expect(out.rewind(received, consumed, ended)).toBe(false);
  });

  test("TN20: a resumption frees memory and promises nothing; the CREDIT after it does", () => {
    const out = new Outbound(1, 100);
    out.write(bytes(200));
    expect(takeAll(out).data).toHaveLength(100);
    expect(out.rewind(100, 60, false)).toBe(true);
    expect(out.held).toBe(140);
    expect(out.ready).toBe(false);
    out.acknowledge(60, 100);
    expect(takeAll(out).data).toHaveLength(60);
  });

  test("TN13: given up, it drops what was written and says RESET, again after each resumption", () => {
    const out = new Outbound(1, 10);
    out.write(bytes(50));
    takeAll(out);
    out.abandon({ type: "reset", code: 4 });
    expect(out.held).toBe(0);
    expect(takeAll(out)).toEqual({ data: [], ending: "reset" });
    // Credit for what was dropped crosses with the RESET.
    expect(out.acknowledge(5, 10)).toBe(false);
    expect(out.rewind(2, 0, false)).toBe(true);
    expect(takeAll(out)).toEqual({ data: [], ending: "reset" });
  });

  test("given up after its END has left, it still has what a resumption may ask for", () => {
    const out = new Outbound(1, 100);
    out.write(bytes(5));
    out.end({ type: "end", json: undefined });
    takeAll(out);
    out.abandon({ type: "reset", code: 4 });
    expect(out.rewind(2, 0, false)).toBe(true);
    expect(takeAll(out)).toEqual({ data: [2, 3, 4], ending: "end" });
  });

  test("a small piece of a large buffer does not keep the buffer, not even Node's", () => {
    const large = Buffer.alloc(1_000, 7);
    const out = new Outbound(1, 100);
    out.write(large.subarray(10, 20));
    large.fill(9);
    expect(takeAll(out).data).toEqual(Array(10).fill(7));
  });

  test("a write after the end is a bug of the caller", () => {
    const out = new Outbound(1, 10);
    out.end({ type: "end", json: undefined });
    expect(() => out.write(bytes(1))).toThrow("write after end");
  });
});
