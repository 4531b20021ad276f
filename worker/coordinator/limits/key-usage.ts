import { z } from "zod";
import type { KeyUsageView } from "../../../shared/api/keys.ts";
import type { StoredKey } from "../store.ts";
import { SlidingWindow, savedWindow } from "./sliding-window.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How much the latest request says about the next one. */
const LATEST = 0.2;

/**
 * Tokens of a body's byte, where it is text: a reservation starts from this and never from more. Pictures have a thousandth of
 * it, so the key's own bodies are learnt from, and quickly: else such a key would wait for an empty window each time.
 */
const TOKENS_PER_BYTE = 1 / 4;
const LATEST_BODY = 0.5;

/**
 * The part of a day's tokens that a body's mere size may ask for: a first picture that looks like a million tokens must not
 * have to wait until the key has used nothing for a day.
 */
const BODY_OF_DAY = 1 / 4;

/** Time that a request is taken to last while none has ended yet, ms. */
const UNKNOWN_MS = 1_000;

const WINDOW_MS = { rpm: MINUTE_MS, tpm: MINUTE_MS, tpd: DAY_MS } as const;
type WindowName = keyof typeof WINDOW_MS;
const WINDOWS = ["rpm", "tpm", "tpd"] as const satisfies WindowName[];

export type LimitName = WindowName | "max_concurrency";
export type KeyLimits = Pick<StoredKey, LimitName>;

const savedUsage = z.object({
  rpm: savedWindow.optional(),
  tpm: savedWindow.optional(),
  tpd: savedWindow.optional(),
  request_tokens: z.number().min(0).optional(),
  tokens_per_byte: z.number().min(0).max(TOKENS_PER_BYTE).optional(),
  request_ms: z.number().min(0).optional(),
});

/** Why a request may not begin, and when the next may, ms since the epoch. */
export interface Reached {
  limit: LimitName;
  value: number;
  freeAt: number;
}

/** One request's place: held from its admission to its end, whoever serves it. */
export interface Place {
  /** Bytes of its body; -1 unknown. */
  readonly contentLength: number;
  /** Tokens that are counted for it until it is known what it used. */
  readonly reserved: number;
}

/** What a request has used. */
export interface Used {
  tokens: number;
  /**
   * False: there were more that nobody counted, so at least those that were reserved count. A client that leaves before the last of
   * each answer, or does not let it be told, would have no limit.
   */
  exact: boolean;
  durationMs: number;
}

/** What one key uses: its requests at once, and what it used in windows of time. */
export class KeyUsage {
  readonly #windows: Partial<Record<WindowName, SlidingWindow>> = {};
  readonly #places = new Set<Place>();
  #reserved = 0;
  /** Smoothed tokens and time of a request; undefined until one has ended. */
  #requestTokens: number | undefined;
  #requestMs: number | undefined;
  #tokensPerByte = TOKENS_PER_BYTE;

  /** @returns undefined when `json` was not written by `saved` */
  static restore(json: string, now: number): KeyUsage | undefined {
    const read = savedUsage.safeParse(parseJson(json));
    if (!read.success) return undefined;
    const usage = new KeyUsage();
    for (const name of WINDOWS) {
      const window = read.data[name];
      if (window !== undefined) usage.#windows[name] = SlidingWindow.restore(WINDOW_MS[name], window, now);
    }
    usage.#requestTokens = read.data.request_tokens;
    usage.#requestMs = read.data.request_ms;
    usage.#tokensPerByte = read.data.tokens_per_byte ?? TOKENS_PER_BYTE;
    return usage;
  }

  saved(): string {
    const { rpm, tpm, tpd } = this.#windows;
    return JSON.stringify({
      rpm: rpm?.saved(),
      tpm: tpm?.saved(),
      tpd: tpd?.saved(),
      request_tokens: this.#requestTokens,
      request_ms: this.#requestMs,
      tokens_per_byte: this.#tokensPerByte,
    } satisfies z.input<typeof savedUsage>);
  }

  /** Whether there is anything that a restart must not forget. */
  get lasting(): boolean {
    return WINDOWS.some((name) => this.#windows[name] !== undefined);
  }

  get places(): number {
    return this.#places.size;
  }

  get reserved(): number {
    return this.#reserved;
  }

  /** What counts now against limits that hold. */
  counted(limits: KeyLimits, now: number): KeyUsageView {
    // A window of a limit that was taken away is still there until the next request.
    const of = (name: WindowName): number =>
      limits[name] === null ? 0 : Math.round(this.#windows[name]?.sum(now) ?? 0);
    return { rpm: of("rpm"), tpm: of("tpm"), tpd: of("tpd"), concurrent: this.#places.size };
  }

  /** Windows of limits that hold begin; those of limits that do not any more are gone. */
  follow(limits: KeyLimits): void {
    for (const name of WINDOWS) {
      if (limits[name] === null) delete this.#windows[name];
      else this.#windows[name] ??= new SlidingWindow(WINDOW_MS[name]);
    }
  }

  /**
   * The first limit that is in the way of one more request, or undefined.
   * @param counted false for one whose first attempt was counted as a request
   */
  reached(limits: KeyLimits, contentLength: number, counted: boolean, now: number): Reached | undefined {
    const { max_concurrency, rpm } = limits;
    if (max_concurrency !== null && this.#places.size >= max_concurrency) {
      return { limit: "max_concurrency", value: max_concurrency, freeAt: now + this.#nextEndMs() };
    }
    const requests = this.#windows.rpm;
    if (counted && rpm !== null && requests !== undefined) {
      const freeAt = requests.freeAt(now, rpm, 1);
      if (freeAt > now) return { limit: "rpm", value: rpm, freeAt };
    }
    for (const name of ["tpm", "tpd"] as const) {
      const limit = limits[name];
      const window = this.#windows[name];
      if (limit === null || window === undefined) continue;
      const estimate = this.#estimate(contentLength);
      const most = name === "tpd" ? Math.max(this.#requestTokens ?? 1, limit * BODY_OF_DAY) : estimate;
      const reached = this.#tokensFreeAt(window, limit, Math.min(estimate, most), now);
      if (reached !== undefined) return { limit: name, value: limit, freeAt: reached };
    }
    return undefined;
  }

  /** Undefined: they fit now. */
  #tokensFreeAt(window: SlidingWindow, limit: number, need: number, now: number): number | undefined {
    const used = window.sum(now);
    // One that is larger than the limit goes alone, since it would never go else.
    if (used + this.#reserved + need <= limit || used + this.#reserved === 0) return undefined;
    // What runs will have used its tokens by then; none of it leaves the window before it has ended.
    const freeAt = window.freeAt(now, limit, need + this.#reserved);
    return Math.max(freeAt, now + (this.#reserved > 0 ? this.#nextEndMs() : 0));
  }

  /** A request begins; its place is given back to `end`. */
  begin(contentLength: number, counted: boolean, now: number): Place {
    if (counted) this.#windows.rpm?.add(now, 1);
    const place: Place = { contentLength, reserved: this.#estimate(contentLength) };
    this.#places.add(place);
    this.#reserved += place.reserved;
    return place;
  }

  /** A place is free, and what was reserved is settled. More often than once does no harm. */
  end(place: Place, used: Used, now: number): void {
    if (!this.#places.delete(place)) return;
    this.#reserved -= place.reserved;
    const charged = used.exact ? used.tokens : Math.max(used.tokens, place.reserved);
    this.#windows.tpm?.add(now, charged);
    this.#windows.tpd?.add(now, charged);
    // One that was turned away at once, or broke before Ollama counted, says nothing of the next.
    if (used.durationMs > 0) this.#requestMs = smooth(this.#requestMs, used.durationMs);
    if (used.tokens <= 0) return;
    this.#requestTokens = smooth(this.#requestTokens, used.tokens);
    // Of its body's tokens an inexact count says nothing.
    if (place.contentLength <= 0 || !used.exact) return;
    const density = Math.min(TOKENS_PER_BYTE, used.tokens / place.contentLength);
    this.#tokensPerByte = smooth(this.#tokensPerByte, density, LATEST_BODY);
  }

  /** Tokens of a request that begins: like the last ones, or what its body has at least. */
  #estimate(contentLength: number): number {
    return Math.ceil(Math.max(1, this.#requestTokens ?? 0, contentLength * this.#tokensPerByte));
  }

  /** Of several requests at once, one ends this soon, as far as one can tell. */
  #nextEndMs(): number {
    return (this.#requestMs ?? UNKNOWN_MS) / Math.max(1, this.#places.size);
  }
}

function smooth(before: number | undefined, latest: number, weight = LATEST): number {
  return before === undefined ? latest : before + (latest - before) * weight;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
