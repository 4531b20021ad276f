const SIZE = 4 * 1024 * 1024;

/** Bytes without a period: a byte that is missing, doubled or moved is another byte. */
const PATTERN = new Uint8Array(SIZE);
let state = 0x2545_f491;
for (let at = 0; at < SIZE; at++) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  PATTERN[at] = state & 255;
}

/** Bytes `[from, from + length)` of what is sent under `salt`. */
export function patternAt(salt: number, from: number, length: number): Uint8Array {
  const start = ((salt * 7_919) % (SIZE / 4)) + from;
  if (start + length > SIZE) throw new Error("pattern is too short for this test");
  return PATTERN.subarray(start, start + length);
}

/** Offset of the first byte that is not what belongs at `from`, or undefined. */
export function mismatch(salt: number, from: number, bytes: Uint8Array): number | undefined {
  const expected = patternAt(salt, from, bytes.length);
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== expected[at]) return from + at;
  return undefined;
}
