import { constants, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ZstdFrame } from "./zstd-frame.ts";

const pieces = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );

function walk(bytes: Uint8Array, size = bytes.length): string | undefined {
  const frame = new ZstdFrame();
  for (const piece of pieces(bytes, Math.max(1, size))) {
    const fault = frame.push(piece);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

test("what a compressor writes passes, however it is cut", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300_000 }),
      fc.integer({ min: 1, max: 22 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 5_000 }),
      (bytes, level, checksum, size) => {
        const params = {
          [constants.ZSTD_c_compressionLevel]: level,
          [constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0,
        };
        expect(walk(zstdCompressSync(bytes, { params }), size)).toBeUndefined();
      },
    ),
    { numRuns: 40 },
  );
});

test("a window larger than Ollama unpacks is refused by its header alone", () => {
  // A descriptor of exponent 21: 2 GiB.
  expect(walk(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3))).toMatch(/window is 2147483648 bytes/);
  // One segment that says it is 4 GiB.
  expect(walk(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0, 255, 255, 255, 255))).toMatch(
    /window is 4294967295/,
  );
});

test("a second frame and a skippable one are refused", () => {
  const one = zstdCompressSync(Buffer.from('{"model":"a",'));
  expect(walk(Buffer.concat([one, one]))).toMatch(/more than one/);
  expect(walk(Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0))).toMatch(/not valid zstd/);
});

test("tiny blocks behind a large window are refused before they cost minutes", () => {
  const header = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 13 << 3];
  const block = [(1 << 3) | 2, 0, 0, 0x20];
  expect(walk(Uint8Array.from([...header, ...Array.from({ length: 10_000 }, () => block).flat()]))).toMatch(
    /too many/,
  );
});
