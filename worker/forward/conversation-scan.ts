import { decodeString, foldKey } from "../../shared/lib/model-scan.ts";
import { endOfString, IN_ESCAPE } from "./string-end.ts";
import { Turns } from "./turns.ts";

/** Where the scan is; only in the last one is nothing looked at. */
type Place = "start" | "top" | "options" | "list" | "message" | "deeper";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Longest key, role or literal that is read, bytes as written: six for each character of the longest name, and some. */
const MOST_COLLECTED = 64;
/** Most that Ollama could mean by a context size, tokens. */
const MOST_TOKENS = 10_000_000;

/**
 * What the scheduler wants to know of an inference request before it is sent, out of its bytes as they come in, cut anywhere,
 * without parsing them. Never throws: what is no JSON says nothing, and Ollama tells the client. Keys are matched as Ollama does:
 * without regard to case, but for those in `options`, which it takes as a map.
 */
export class ConversationScan {
  /** `options.num_ctx`, tokens; the last of several. */
  numCtx: number | undefined;
  /** What the top-level `stream` says; the last of several. */
  stream: boolean | undefined;
  /** All of the object has been seen. */
  whole = false;
  /** Nothing more will be found: the object has ended, or what came is none. */
  done = false;

  readonly #list: "messages" | "input" | undefined;
  readonly #turns: Turns;
  #place: Place = "start";
  #depth = 0;
  /** What was opened at depths 2 and 3, to come back to. */
  #second: Place = "deeper";
  #third: Place = "deeper";
  #expectKey = false;
  #key: string | undefined;
  #inString = false;
  #escaped = false;
  /** Whether the string that is being read is a key or a role. */
  #collects = false;
  readonly #collected = new Uint8Array(MOST_COLLECTED);
  #count = 0;
  /** The literal that is being read, when it is one to know. */
  #literal: string | undefined;
  #role: string | undefined;
  #type: string | undefined;
  /** Whether the bytes from `#from` on are a message's: white space between messages is not. */
  #hashing = false;
  #from = 0;

  /**
   * @param list the member that holds the conversation, if the route has one
   * @param seed whose it is: conversations of different seeds are never taken for the same
   */
  constructor(list: "messages" | "input" | undefined, seed: string) {
    this.#list = list;
    this.#turns = new Turns(seed);
  }

  /** Ends of messages to look for, shortest first; see `Turns`. */
  get match(): string[] {
    return this.#turns.match;
  }

  /** Ends of messages under which to remember who answers, shortest first; see `Turns`. */
  get remember(): string[] {
    return this.#turns.remember;
  }

  /** Takes the next bytes. */
  push(bytes: Uint8Array): void {
    this.#from = 0;
    let at = 0;
    while (at < bytes.length && !this.done) {
      if (!this.#inString) at = this.#outside(bytes, at);
      else at = this.#collects ? this.#collect(bytes, at) : this.#skip(bytes, at);
    }
    if (this.#hashing) this.#turns.add(bytes, this.#from, bytes.length);
  }

  /** Reads on until a string begins; the position behind what was read. */
  #outside(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      switch (byte) {
        case QUOTE:
          this.#openString(at);
          return at + 1;
        case 0x7b: // {
        case 0x5b: // [
          this.#open(byte === 0x7b, at);
          break;
        case 0x7d: // }
        case 0x5d: // ]
          this.#close(bytes, at);
          break;
        case 0x2c: // ,
          if (this.#place !== "deeper") this.#comma(bytes, at);
          break;
        case 0x3a: // :
          if (this.#place !== "deeper") this.#colon();
          break;
        case 0x20:
        case 0x09:
        case 0x0a:
        case 0x0d:
          if (this.#place === "list") this.#pause(bytes, at);
          break;
        default:
          if (this.#place !== "deeper") this.#plain(byte, at);
      }
      if (this.done) return bytes.length;
    }
    return bytes.length;
  }

  #open(object: boolean, at: number): void {
    this.#resume(at);
    this.#place = this.#inside(object);
    this.#depth++;
    if (this.#depth === 2) this.#second = this.#place;
    else if (this.#depth === 3) this.#third = this.#place;
    this.#literal = undefined;
    this.#key = undefined;
    this.#expectKey = object;
  }

  /** What a bracket opens, from where the scan is. */
  #inside(object: boolean): Place {
    switch (this.#place) {
      case "start":
        this.done = !object;
        return "top";
      case "top":
        if (object) return this.#key === "options" ? "options" : "deeper";
        return this.#key !== undefined && this.#key === this.#list ? "list" : "deeper";
      case "list":
        return object ? "message" : "deeper";
      default:
        return "deeper";
    }
  }

  #close(bytes: Uint8Array, at: number): void {
    if (this.#place === "list") {
      this.#endMessage(bytes, at);
      this.#turns.endList();
    } else this.#endLiteral();
    this.#depth--;
    this.#expectKey = false;
    this.#key = undefined;
    if (this.#depth === 1) this.#place = "top";
    else if (this.#depth === 2) this.#place = this.#second;
    else if (this.#depth === 3) this.#place = this.#third;
    else if (this.#depth <= 0) {
      this.done = true;
      this.whole = this.#depth === 0;
    }
  }

  #comma(bytes: Uint8Array, at: number): void {
    if (this.#place === "list") this.#endMessage(bytes, at);
    else {
      this.#endLiteral();
      this.#key = undefined;
      this.#expectKey = true;
    }
  }

  #colon(): void {
    this.#expectKey = false;
    const wanted = this.#place === "top" ? "stream" : this.#place === "options" ? "num_ctx" : undefined;
    this.#literal = wanted !== undefined && this.#key === wanted ? "" : undefined;
  }

  /** A byte of a literal. */
  #plain(byte: number, at: number): void {
    if (this.#place === "start") this.done = true;
    this.#resume(at);
    if (this.#literal !== undefined && this.#literal.length <= MOST_COLLECTED) {
      this.#literal += String.fromCharCode(byte);
    }
  }

  #endLiteral(): void {
    const text = this.#literal;
    if (text === undefined) return;
    this.#literal = undefined;
    if (this.#place === "top") {
      // As Go does it: null is as if nothing had been said.
      if (text === "null") this.stream = undefined;
      else if (text === "true" || text === "false") this.stream = text === "true";
    } else if (/^\d[\d.eE+-]{0,40}$/.test(text)) {
      const tokens = Number(text);
      if (Number.isInteger(tokens) && tokens > 0 && tokens <= MOST_TOKENS) this.numCtx = tokens;
    }
  }

  #resume(at: number): void {
    if (this.#place !== "list" || this.#hashing) return;
    this.#hashing = true;
    this.#from = at;
  }

  #pause(bytes: Uint8Array, at: number): void {
    if (!this.#hashing) return;
    this.#turns.add(bytes, this.#from, at);
    this.#hashing = false;
  }

  #endMessage(bytes: Uint8Array, at: number): void {
    this.#pause(bytes, at);
    const call = this.#list === "input" && this.#type === "function_call";
    this.#turns.endMessage(call || this.#role === "assistant");
    this.#role = undefined;
    this.#type = undefined;
  }

  #openString(at: number): void {
    if (this.#place === "start") this.done = true;
    this.#resume(at);
    this.#inString = true;
    this.#literal = undefined;
    this.#count = 0;
    this.#collects = this.#expectKey
      ? this.#place !== "deeper" && this.#place !== "list"
      : this.#place === "message" && (this.#key === "role" || this.#key === "type");
  }

  #collect(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) {
        this.#inString = false;
        this.#take(this.#text());
        return at + 1;
      }
      if (this.#count < MOST_COLLECTED) this.#collected[this.#count++] = byte;
    }
    return bytes.length;
  }

  /** What was collected; undefined when it is longer than anything wanted, or no JSON. */
  #text(): string | undefined {
    if (this.#count >= MOST_COLLECTED) return undefined;
    let text = "";
    for (let at = 0; at < this.#count; at++) {
      const byte = this.#collected[at] ?? 0;
      if (byte === BACKSLASH || byte >= 0x80) return decodeString(this.#collected.subarray(0, this.#count));
      // Nearly all are plain: a decoder for each would cost more than the rest of the scan.
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #take(text: string | undefined): void {
    if (!this.#expectKey) {
      if (this.#key === "role") this.#role = text?.toLowerCase();
      else this.#type = text;
      return;
    }
    const exact = text === undefined || this.#place === "options" || /^[a-z_]*$/.test(text);
    this.#key = exact ? text : foldKey(text);
    if (this.#place === "top" && this.#key !== undefined && this.#key === this.#list) this.#turns.reset();
  }

  #skip(bytes: Uint8Array, from: number): number {
    const end = endOfString(bytes, this.#escaped ? from + 1 : from);
    this.#escaped = end === IN_ESCAPE;
    if (end < 0) return bytes.length;
    this.#inString = false;
    return end;
  }
}
