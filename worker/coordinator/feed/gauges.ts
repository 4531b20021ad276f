import type { FeedNow } from "../../../shared/api/feed.ts";
import type { RequestView } from "../../../shared/api/requests.ts";
import { outcomeOf } from "../../../shared/lib/request-outcome.ts";
import type { LiveRequest } from "./live-requests.ts";

/** Rates are over so many seconds, shares and middles over a minute. */
const RATE_S = 10;
const MINUTE_S = 60;
/** Of a minute's requests so many are looked at for the middle. */
const SAMPLES = 256;
/** Bytes of a streamed answer for each token, before any has finished: a line of NDJSON as Ollama writes it. */
const BYTES_PER_TOKEN = 130;
/** How much a finished stream says of that. */
const SHARE = 0.1;

type Rates = Pick<
  FeedNow,
  "requests_per_second" | "tokens_per_second" | "error_rate" | "first_byte_ms_p50" | "queue_ms_p50"
>;

interface Second {
  at: number;
  finished: number;
  failed: number;
  tokens: number;
}

/** What the fleet does this second: counted as requests finish, whether anybody looks or not. */
export class Gauges {
  readonly #seconds: Second[] = Array.from({ length: MINUTE_S }, () => empty(0));
  readonly #samples: { at: number; firstByteMs: number | null; queueMs: number }[] = [];
  #nextSample = 0;
  readonly #bytesPerToken = new Map<string, number>();
  /** Since this life of the coordinator began. */
  total = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  /** When somebody looked at what runs, ms: without a dashboard nobody does. */
  #lookedAt = Number.NEGATIVE_INFINITY;

  #second(at: number): Second {
    const index = at % MINUTE_S;
    let second = this.#seconds[index];
    if (second === undefined || second.at !== at) {
      second = empty(at);
      this.#seconds[index] = second;
    }
    return second;
  }

  /** @param live what was counted of it while it ran */
  finished(row: RequestView, live: LiveRequest | undefined, now: number): void {
    const at = Math.floor(now / 1_000);
    this.total++;
    this.#lastAt = at;
    const second = this.#second(at);
    second.finished++;
    if (outcomeOf(row) === "error") second.failed++;
    const sample = { at, firstByteMs: row.first_byte_ms, queueMs: row.queue_ms };
    this.#samples[this.#nextSample] = sample;
    this.#nextSample = (this.#nextSample + 1) % SAMPLES;
    const tokens = row.completion_tokens ?? 0;
    if (tokens === 0) return;
    if (live?.call.stream === true) this.#learn(row, tokens);
    const left = tokens - (live?.counted ?? 0);
    if (left > 0) this.#spread(left, at, (row.eval_ms ?? row.duration_ms) / 1_000);
  }

  /** Tokens that nobody has counted while they came belong to all the seconds in which they did. */
  #spread(tokens: number, at: number, seconds: number): void {
    const long = Math.max(1, Math.ceil(seconds));
    for (let back = 0; back < Math.min(long, RATE_S); back++) this.#second(at - back).tokens += tokens / long;
  }

  #learn({ endpoint, response_bytes }: RequestView, tokens: number): void {
    const known = this.#bytesPerToken.get(endpoint) ?? BYTES_PER_TOKEN;
    this.#bytesPerToken.set(endpoint, known * (1 - SHARE) + (response_bytes / tokens) * SHARE);
  }

  /**
   * Counts what has come of the streams that run. Nobody says how many tokens these bytes are before the answer ends: reckoned by
   * what finished streams were like, and put right at the end. It costs a look at each running request, and nothing per chunk.
   */
  look(running: Iterable<LiveRequest>, now: number): void {
    const at = Math.floor(now / 1_000);
    const unseenMs = Math.max(0, now - this.#lookedAt);
    this.#lookedAt = now;
    for (const live of running) {
      const bytes = live.ledger.answer?.bytes ?? 0;
      if (bytes <= live.bytes || live.call.stream !== true) continue;
      const tokens = (bytes - live.bytes) / (this.#bytesPerToken.get(live.call.endpoint) ?? BYTES_PER_TOKEN);
      live.bytes = bytes;
      live.counted += tokens;
      this.#spread(tokens, at, Math.min(unseenMs, live.ledger.streamedMs(now)) / 1_000);
      this.#lastAt = at;
    }
  }

  /** Whether time alone will change the rates, and how soon, ms; undefined: they are at rest. */
  restsIn(now: number): number | undefined {
    const at = Math.floor(now / 1_000);
    // After a clock was set back: what is still to come has not happened.
    this.#lastAt = Math.min(this.#lastAt, at);
    if (at - this.#lastAt < RATE_S) return 1_000 - (now % 1_000);
    let oldest: number | undefined;
    for (const second of this.#seconds) {
      if (second.finished === 0 || second.at <= at - MINUTE_S || second.at > at) continue;
      oldest = Math.min(oldest ?? second.at, second.at);
    }
    return oldest === undefined ? undefined : (oldest + MINUTE_S) * 1_000 - now;
  }

  rates(now: number): Rates {
    const at = Math.floor(now / 1_000);
    let [requests, tokens, finished, failed] = [0, 0, 0, 0];
    for (const second of this.#seconds) {
      if (second.at <= at - MINUTE_S || second.at > at) continue;
      finished += second.finished;
      failed += second.failed;
      if (second.at <= at - RATE_S) continue;
      requests += second.finished;
      tokens += second.tokens;
    }
    const recent = finished === 0 ? [] : this.#samples.filter((sample) => sample.at > at - MINUTE_S);
    return {
      requests_per_second: rounded(requests / RATE_S),
      tokens_per_second: rounded(tokens / RATE_S),
      error_rate: finished === 0 ? null : Math.round((failed / finished) * 10_000) / 10_000,
      first_byte_ms_p50: middle(recent.flatMap(({ firstByteMs }) => firstByteMs ?? [])),
      queue_ms_p50: middle(recent.map(({ queueMs }) => queueMs)),
    };
  }
}

function empty(at: number): Second {
  return { at, finished: 0, failed: 0, tokens: 0 };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

function middle(values: number[]): number | null {
  const sorted = values.sort((a, b) => a - b);
  const value = sorted[Math.floor(sorted.length / 2)];
  return value === undefined ? null : Math.round(value);
}
