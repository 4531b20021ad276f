import { z } from "zod";

const timestamp = z.iso.datetime();
const count = z.number().int().nonnegative();

/** Length of each range, seconds. */
export const RANGES = { "1h": 3_600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000 } as const;
export type Range = keyof typeof RANGES;
const range = z.enum(Object.keys(RANGES) as [Range, ...Range[]]);

const about = {
  model: z.string().max(600).optional(),
  agent_id: z.uuid().optional(),
  key_id: z.uuid().optional(),
};

/** Sums are kept of each model, machine and key, and of each two of them; not of all three. */
function onlyOne(
  query: { model?: unknown; agent_id?: unknown; key_id?: unknown },
  context: z.core.$RefinementCtx,
): void {
  const given = (["model", "agent_id", "key_id"] as const).filter((name) => query[name] !== undefined);
  for (const name of given.slice(1)) {
    context.addIssue({
      code: "custom",
      path: [name],
      message: `only one of model, agent_id and key_id; ${given[0]} is given`,
    });
  }
}

/** `GET /api/admin/stats`: the last while, of everything or of one model, machine or key. */
export const statsQuery = z.object({ range: range.default("24h"), ...about }).superRefine(onlyOne);
export type StatsQuery = z.infer<typeof statsQuery>;

/** Milliseconds, read off a histogram: exact to its buckets; null when nothing was measured. */
const percentiles = z.object({
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
});
export type Percentiles = z.infer<typeof percentiles>;

const figures = z.object({
  requests: count,
  /** Answers of status 400 and above, and those that broke; not those that the client itself left. */
  errors: count,
  cancelled: count,
  prompt_tokens: count,
  completion_tokens: count,
  /** Completion tokens per second of generation; null when none was measured. */
  tokens_per_second: z.number().nullable(),
  queue_ms: percentiles,
  first_byte_ms: percentiles,
  duration_ms: percentiles,
});
export type Figures = z.infer<typeof figures>;

export const statsView = z.object({
  from: timestamp,
  to: timestamp,
  totals: figures,
  /** At most the hundred that were used most, most used first; `id` null: of none that is known. */
  by_agent: z.array(figures.extend({ id: z.string().nullable(), name: z.string().nullable() })),
  by_model: z.array(figures.extend({ model: z.string().nullable() })),
  by_key: z.array(figures.extend({ id: z.string().nullable(), name: z.string().nullable() })),
  /** Days of UTC, oldest first. */
  by_day: z.array(figures.extend({ day: z.iso.date() })),
});
export type StatsView = z.infer<typeof statsView>;

/** What a series can show: sums of a step, percentiles over it, or (of machines) the mean of what was sampled in it. */
export const SERIES_METRICS = [
  "requests",
  "errors",
  "prompt_tokens",
  "completion_tokens",
  "tokens_per_second",
  "queue_ms_p50",
  "queue_ms_p95",
  "first_byte_ms_p50",
  "first_byte_ms_p95",
  "duration_ms_p50",
  "duration_ms_p95",
  "cpu_usage",
  "memory_usage",
  "gpu_usage",
  "active_requests",
] as const;
export type SeriesMetric = (typeof SERIES_METRICS)[number];

/** Steps in which a series can come, seconds. */
export const SERIES_STEPS = [60, 300, 900, 3_600, 21_600, 86_400] as const;

/** `GET /api/admin/stats/series` */
export const seriesQuery = z
  .object({
    /** One or several, separated by commas. */
    metric: z
      .string()
      .max(400)
      .transform((text) => text.split(","))
      .pipe(z.array(z.enum(SERIES_METRICS)).min(1).max(SERIES_METRICS.length)),
    range: range.default("1h"),
    /** Seconds; absent: such that the range has about a hundred steps. */
    step: z
      .string()
      .regex(/^\d{1,6}$/, "seconds")
      .transform(Number)
      .pipe(z.union(SERIES_STEPS.map((step) => z.literal(step))))
      .optional(),
    ...about,
  })
  .superRefine(onlyOne);
export type SeriesQuery = z.infer<typeof seriesQuery>;

/** Columns, as charts want them: all as long as `at`. */
export const seriesView = z.object({
  from: timestamp,
  to: timestamp,
  step_s: z.number().int().positive(),
  /** Beginnings of the steps, seconds since the epoch. */
  at: z.array(z.number().int()),
  /** A value for each step; null: nothing was measured in it. */
  series: z.partialRecord(z.enum(SERIES_METRICS), z.array(z.number().nullable())),
});
export type SeriesView = z.infer<typeof seriesView>;
