import type { SeriesMetric, SeriesQuery, SeriesView } from "../../../shared/api/stats.ts";
import { readSampleMeans, SAMPLE_METRICS } from "../samples.ts";
import type { SqlDatabase } from "../storage.ts";
import { readRest, readSums } from "./read.ts";
import { startOf, stepsOf } from "./spans.ts";
import { memberAsked } from "./stats.ts";
import { measuredOf, Tally } from "./tally.ts";

const SHARES: Record<string, number> = { p50: 0.5, p95: 0.95 };

/** Charts over the last `range`: a value for each step. */
export async function readSeries(
  database: SqlDatabase,
  query: SeriesQuery,
  now: number,
): Promise<SeriesView> {
  const { stepMs, span } = stepsOf(query.range, query.step, now);
  const at: number[] = [];
  for (let start = span.from; start < span.to; start += stepMs) at.push(start);
  const place = (time: number): number => (startOf(time, stepMs) - span.from) / stepMs;
  const ofMachines = query.metric.filter((metric) => metric in SAMPLE_METRICS);
  const ofRequests = query.metric.filter((metric) => !(metric in SAMPLE_METRICS));
  const member = memberAsked(query);

  const series: SeriesView["series"] = {};
  if (ofRequests.length > 0) {
    const tallies = at.map(() => new Tally());
    const [rest = [], sums = []] = await database.batch([readRest([span], member), readSums([span], member)]);
    for (const [start, ...packed] of sums) tallies[place(Number(start))]?.merge(packed);
    for (const row of rest.map(measuredOf)) tallies[place(row.at)]?.add(row);
    for (const metric of ofRequests) series[metric] = tallies.map((tally) => metricOf(tally, metric));
  }
  if (ofMachines.length > 0) {
    const columns = ofMachines.map((): (number | null)[] => at.map(() => null));
    // A machine's samples say nothing of one model or key.
    const statement = readSampleMeans(ofMachines, span.from, stepMs, query.agent_id);
    const foreign = member !== undefined && member.dimension !== "agent";
    for (const [step, ...means] of foreign ? [] : await database.execute(statement.query, statement.params)) {
      for (const [each, mean] of means.entries()) {
        const column = columns[each];
        const where = Number(step);
        if (column !== undefined && where < at.length) column[where] = mean === null ? null : Number(mean);
      }
    }
    for (const [each, metric] of ofMachines.entries()) series[metric] = columns[each] ?? [];
  }
  return {
    from: new Date(span.from).toISOString(),
    to: new Date(now).toISOString(),
    step_s: stepMs / 1_000,
    at: at.map((ms) => ms / 1_000),
    series,
  };
}

/** Sums are 0 where nothing was; what is measured is not known there. */
function metricOf(tally: Tally, metric: SeriesMetric): number | null {
  switch (metric) {
    case "requests":
    case "errors":
    case "prompt_tokens":
    case "completion_tokens":
      return tally[metric];
    case "tokens_per_second":
      return tally.tokensPerSecond;
    default: {
      const [, name, share = ""] = /^(queue_ms|first_byte_ms|duration_ms)_(p\d\d)$/.exec(metric) ?? [];
      const wanted = SHARES[share];
      if (wanted === undefined || !isTimed(tally, name)) return null;
      return tally.times[name].percentiles([wanted])[0] ?? null;
    }
  }
}

function isTimed(tally: Tally, name: string | undefined): name is keyof Tally["times"] {
  return name !== undefined && name in tally.times;
}
