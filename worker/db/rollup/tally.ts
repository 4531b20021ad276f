import type { Figures, Percentiles } from "../../../shared/api/stats.ts";
import { outcomeOf } from "../../../shared/lib/request-outcome.ts";
import { Histogram } from "./buckets.ts";

/** What is read of a request to sum it up, in the order of `MEASURED_COLUMNS`. */
export interface Measured {
  id: string;
  at: number;
  model: string | null;
  agent_id: string | null;
  agent_name: string | null;
  key_id: string | null;
  key_name: string | null;
  status: number;
  error_code: string | null;
  queue_ms: number;
  first_byte_ms: number | null;
  duration_ms: number;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  eval_ms: number | null;
}

export const MEASURED_COLUMNS = [
  "id",
  "at",
  "model",
  "agent_id",
  "agent_name",
  "key_id",
  "key_name",
  "status",
  "error_code",
  "queue_ms",
  "first_byte_ms",
  "duration_ms",
  "prompt_tokens",
  "completion_tokens",
  "eval_ms",
] as const satisfies readonly (keyof Measured)[];

/** A row of `SELECT MEASURED_COLUMNS`, whose columns have these types by the schema. */
export function measuredOf(row: readonly unknown[]): Measured {
  return Object.fromEntries(MEASURED_COLUMNS.map((column, at) => [column, row[at]])) as unknown as Measured;
}

export const SUM_COLUMNS = [
  "requests",
  "errors",
  "cancelled",
  "prompt_tokens",
  "completion_tokens",
  "timed_tokens",
  "timed_ms",
] as const;

/** Columns of `rollups` that a tally fills, in the order of `pack`. */
export const TALLY_COLUMNS = [...SUM_COLUMNS, "histograms"] as const;

export const HISTOGRAMS = ["queue_ms", "first_byte_ms", "duration_ms"] as const;
export type HistogramName = (typeof HISTOGRAMS)[number];

/** Sums over some requests. Whole numbers only: their sum is the same in whatever order they come. */
export class Tally {
  requests = 0;
  errors = 0;
  cancelled = 0;
  prompt_tokens = 0;
  completion_tokens = 0;
  timed_tokens = 0;
  timed_ms = 0;
  readonly times: Record<HistogramName, Histogram> = {
    queue_ms: new Histogram(),
    first_byte_ms: new Histogram(),
    duration_ms: new Histogram(),
  };

  add(row: Measured): void {
    this.requests++;
    const outcome = outcomeOf(row);
    if (outcome === "cancelled") this.cancelled++;
    if (outcome === "error") this.errors++;
    this.prompt_tokens += row.prompt_tokens ?? 0;
    this.completion_tokens += row.completion_tokens ?? 0;
    const ms = generationMs(row);
    if (ms > 0) {
      this.timed_tokens += row.completion_tokens ?? 0;
      this.timed_ms += ms;
    }
    this.times.queue_ms.add(row.queue_ms);
    if (row.first_byte_ms !== null) this.times.first_byte_ms.add(row.first_byte_ms);
    this.times.duration_ms.add(row.duration_ms);
  }

  /** @param packed as `pack` made it, or a row of the table in that order */
  merge(packed: readonly unknown[]): void {
    for (const [at, column] of SUM_COLUMNS.entries()) this[column] += Number(packed[at]);
    // Written by `pack` and by nothing else.
    const histograms = JSON.parse(String(packed[SUM_COLUMNS.length])) as number[][];
    for (const [at, name] of HISTOGRAMS.entries()) this.times[name].merge(histograms[at] ?? []);
  }

  pack(): (number | string)[] {
    return [
      ...SUM_COLUMNS.map((column) => this[column]),
      JSON.stringify(HISTOGRAMS.map((name) => this.times[name].pack())),
    ];
  }

  get tokensPerSecond(): number | null {
    return this.timed_ms > 0 ? (this.timed_tokens * 1_000) / this.timed_ms : null;
  }

  figures(): Figures {
    return {
      requests: this.requests,
      errors: this.errors,
      cancelled: this.cancelled,
      prompt_tokens: this.prompt_tokens,
      completion_tokens: this.completion_tokens,
      tokens_per_second: this.tokensPerSecond,
      queue_ms: percentiles(this.times.queue_ms),
      first_byte_ms: percentiles(this.times.first_byte_ms),
      duration_ms: percentiles(this.times.duration_ms),
    };
  }
}

/** How long the tokens of a request took, whole ms: by Ollama's word, or from the first byte to the last. */
function generationMs({ completion_tokens, eval_ms, first_byte_ms, duration_ms }: Measured): number {
  if (completion_tokens === null || completion_tokens === 0) return 0;
  const ms = eval_ms ?? (first_byte_ms === null ? 0 : duration_ms - first_byte_ms);
  return Math.round(ms);
}

function percentiles(times: Histogram): Percentiles {
  const [p50 = null, p90 = null, p95 = null, p99 = null] = times.percentiles([0.5, 0.9, 0.95, 0.99]);
  return { p50, p90, p95, p99 };
}
