/**
 * Finds top-level string members of a JSON object while its bytes come in, without parsing it: strings are skipped with
 * `indexOf`, so 5 MB of base64 images cost 2 ms. Ollama matches keys without regard to case (Go's encoding/json), and so does this.
 */
export class TopLevelScan {
  readonly #wanted: ReadonlySet<string>;
  readonly #level: number;
  readonly #heard: ((value: string | undefined) => void) | undefined;
  /** Values found so far, by lower-case key; the last of several, as Ollama takes the last. */
  readonly found = new Map<string, string>();
  /** Where the values stand, quotes and all, by lower-case key: offsets over all bytes pushed, the end exclusive. */
  readonly at = new Map<string, [number, number][]>();
  /**
   * A wanted key came twice with different values, or with one that cannot be read: somebody wants to be read differently by
   * different readers.
   */
  conflict = false;
  /** The object has ended, or what came is not an object. */
  done = false;

  #depth = 0;
  #expectKey = false;
  #key: string | undefined;
  /** Bytes of the string that is being read, when it is a key or a wanted value; undefined while skipping. */
  #collect: number[] | undefined;
  /** Bytes pushed before the piece that is being read. */
  #before = 0;
  /** Where the string that is being read begins. */
  #start = 0;
  #inString = false;
  #escaped = false;
  /** An object has begun. */
  started = false;

  /**
   * @param wanted lower-case keys
   * @param below looks at the members of all objects at this depth instead, 1 being the top, and tells each string that a wanted
   * key has there (undefined: it cannot be read), since there may be many
   */
  constructor(
    wanted: readonly string[],
    below?: { level: number; heard: (value: string | undefined) => void },
  ) {
    this.#wanted = new Set(wanted);
    this.#level = below?.level ?? 1;
    this.#heard = below?.heard;
  }

  /** Takes the next bytes. */
  push(bytes: Uint8Array): void {
    let at = 0;
    const before = this.#before;
    this.#before += bytes.length;
    while (at < bytes.length && !this.done) {
      if (this.#inString) {
        at = this.#string(bytes, at, before);
        continue;
      }
      const byte = bytes[at++];
      switch (byte) {
        case 0x22: // "
          this.#inString = true;
          this.#start = before + at - 1;
          // Longer keys than any wanted one are collected too, up to a bound.
          this.#collect = this.#depth === this.#level && (this.#expectKey || this.#wants()) ? [] : undefined;
          break;
        case 0x7b: // {
        case 0x5b: // [
          if (!this.started && byte === 0x5b) {
            this.done = true;
            break;
          }
          this.started = true;
          this.#depth++;
          if (this.#depth === this.#level) {
            this.#expectKey = byte === 0x7b;
            this.#key = undefined;
          }
          break;
        case 0x7d: // }
        case 0x5d: // ]
          this.#depth--;
          if (this.#depth <= 0) this.done = true;
          break;
        case 0x2c: // ,
          if (this.#depth === this.#level) {
            this.#expectKey = true;
            this.#key = undefined;
          }
          break;
        case 0x3a: // :
          if (this.#depth === this.#level) this.#expectKey = false;
          break;
        default:
          if (
            !this.started &&
            byte !== undefined &&
            byte > 0x20 &&
            byte !== 0xef &&
            byte !== 0xbb &&
            byte !== 0xbf
          ) {
            this.done = true;
          }
      }
    }
  }

  #wants(): boolean {
    return this.#key !== undefined && this.#wanted.has(this.#key);
  }

  /** Reads on inside a string; the position behind what was read. */
  #string(bytes: Uint8Array, from: number, before: number): number {
    let at = from;
    if (this.#collect === undefined) return this.#skip(bytes, at);
    while (at < bytes.length) {
      const byte = bytes[at++] ?? 0;
      if (this.#escaped) this.#escaped = false;
      else if (byte === 0x5c) this.#escaped = true;
      else if (byte === 0x22) {
        this.#closeString(before + at);
        return at;
      }
      if (this.#collect.length < MOST_COLLECTED) this.#collect.push(byte);
    }
    return at;
  }

  /** Skips to the closing quote: `indexOf` over quotes, counting the backslashes before each. */
  #skip(bytes: Uint8Array, from: number): number {
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at++;
    }
    for (;;) {
      const quote = bytes.indexOf(0x22, at);
      const end = quote < 0 ? bytes.length : quote;
      let slashes = 0;
      while (end - 1 - slashes >= at && bytes[end - 1 - slashes] === 0x5c) slashes++;
      const odd = slashes % 2 === 1;
      if (quote < 0) {
        this.#escaped = odd;
        return bytes.length;
      }
      at = quote + 1;
      if (!odd) {
        this.#inString = false;
        return at;
      }
    }
  }

  #closeString(end: number): void {
    const raw = this.#collect ?? [];
    // Cut in an escape, a name padded with spaces would be none here and a name to Ollama, which trims it.
    const text = raw.length < MOST_COLLECTED ? decodeString(raw) : undefined;
    this.#inString = false;
    this.#collect = undefined;
    if (this.#expectKey) {
      this.#key = text === undefined ? undefined : foldKey(text);
      return;
    }
    if (this.#key === undefined) return;
    if (this.#heard !== undefined) {
      this.#heard(text);
      return;
    }
    if (text === undefined) {
      this.conflict = true;
      return;
    }
    const before = this.found.get(this.#key);
    if (before !== undefined && before !== "" && before !== text) this.conflict = true;
    this.found.set(this.#key, text);
    const places = this.at.get(this.#key);
    if (places === undefined) this.at.set(this.#key, [[this.#start, end]]);
    else places.push([this.#start, end]);
  }
}

/** Longest key or wanted value that is read, bytes as written: six for each character of the longest name, and some. */
const MOST_COLLECTED = 4_096;

/** As Go's encoding/json compares keys: it takes `ſource` for `source`; of its other foldings JavaScript knows the Kelvin sign. */
export function foldKey(key: string): string {
  return key.toLowerCase().replaceAll("\u017f", "s");
}

const decoder = new TextDecoder();

/** A JSON string's content; undefined when it is not one. */
export function decodeString(raw: ArrayLike<number>): string | undefined {
  const text = decoder.decode(Uint8Array.from(raw));
  if (!text.includes("\\")) return text;
  try {
    const value: unknown = JSON.parse(`"${text}"`);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
