const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Bytes that are looked at one by one: to call `indexOf` costs as much. */
const NEAR = 48;

/** The bytes are over and the string is not. */
const NOT_ENDED = -1;
/** The same, and the last byte is a backslash that escapes what comes next. */
export const IN_ESCAPE = -2;

/** Where the JSON string that goes on at `from` has ended: behind its quote; negative when it has not. */
export function endOfString(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    for (const near = Math.min(bytes.length, at + NEAR); at < near; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH && ++at === bytes.length) return IN_ESCAPE;
    }
    if (at >= bytes.length) return NOT_ENDED;
    const quote = bytes.indexOf(QUOTE, at);
    const end = quote < 0 ? bytes.length : quote;
    let slashes = 0;
    while (end - 1 - slashes >= at && bytes[end - 1 - slashes] === BACKSLASH) slashes++;
    const odd = slashes % 2 === 1;
    if (quote < 0) return odd ? IN_ESCAPE : NOT_ENDED;
    at = quote + 1;
    if (!odd) return at;
  }
}
