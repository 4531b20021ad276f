import { type Load, loadOf, percentile, post, type Target, type Timing } from "./load.ts";

const MODEL = "tiny";
const ONE_TOKEN = { model: MODEL, prompt: "x", stream: false, options: { num_predict: 1 } };
const NDJSON = { model: MODEL, prompt: "x", stream: true, options: { num_predict: 4 } };
const SSE = { model: MODEL, messages: [{ role: "user", content: "x" }], stream: true, max_tokens: 4 };

export interface Added {
  /** Milliseconds added to the direct way, and the direct way itself. */
  p50: number;
  p99: number;
  direct_p50: number;
  direct_p99: number;
}

/** Direct and through the coordinator in turn, one request at a time, so that noise hits both alike. */
async function added(
  direct: Target,
  through: Target,
  rounds: number,
  path: string,
  body: object,
  pick: (timing: Timing) => number,
): Promise<Added> {
  const [a, b] = [loadOf(direct, 1), loadOf(through, 1)];
  const values: { direct: number[]; through: number[] } = { direct: [], through: [] };
  for (let round = -50; round < rounds; round++) {
    const one = pick(await post(a, path, body));
    const two = pick(await post(b, path, body));
    if (round < 0) continue;
    values.direct.push(one);
    values.through.push(two);
  }
  close(a, b);
  const [direct50, direct99] = [percentile(values.direct, 0.5), percentile(values.direct, 0.99)];
  return {
    p50: percentile(values.through, 0.5) - direct50,
    p99: percentile(values.through, 0.99) - direct99,
    direct_p50: direct50,
    direct_p99: direct99,
  };
}

function close(...loads: Load[]): void {
  for (const load of loads) load.connections.destroy();
}

export const addedLatency = (direct: Target, through: Target, rounds: number): Promise<Added> =>
  added(direct, through, rounds, "/api/generate", ONE_TOKEN, (timing) => timing.totalMs);

export const addedFirstTokenNdjson = (direct: Target, through: Target, rounds: number): Promise<Added> =>
  added(direct, through, rounds, "/api/generate", NDJSON, (timing) => timing.firstByteMs);

export const addedFirstTokenSse = (direct: Target, through: Target, rounds: number): Promise<Added> =>
  added(direct, through, rounds, "/v1/chat/completions", SSE, (timing) => timing.firstByteMs);

/** Requests a second over `connections`, for `seconds`. */
export async function throughput(
  target: Target,
  connections: number,
  seconds: number,
): Promise<{ per_second: number; requests: number; failed: number }> {
  const load = loadOf(target, connections);
  let requests = 0;
  let failed = 0;
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < endMs) {
        const timing = await post(load, "/api/generate", ONE_TOKEN).catch(() => undefined);
        if (timing?.status === 200) requests++;
        else failed++;
      }
    }),
  );
  const elapsedS = (performance.now() - startMs) / 1_000;
  close(load);
  return { per_second: requests / elapsedS, requests, failed };
}

export interface Streams {
  streams: number;
  tokens: number;
  lost: number;
  /** Chunks that arrived: fewer than tokens when some came together. */
  chunks: number;
  /** Share of gaps between tokens within 5 ms of the pace. */
  on_time: number;
  gap_p50: number;
  gap_p99: number;
}

/** `streams` answers at once, `tokens` each, one every `paceMs`. */
export async function tokenStreams(
  target: Target,
  streams: number,
  tokens: number,
  paceMs: number,
): Promise<Streams> {
  const load = loadOf(target, streams);
  const body = {
    model: MODEL,
    prompt: "x",
    stream: true,
    options: { num_predict: tokens, stand_in: { token_delay_ms: paceMs } },
  };
  const all = await Promise.all(
    Array.from({ length: streams }, (_, index) =>
      // Not all in the same millisecond: real streams are not in step.
      new Promise<void>((resolve) => setTimeout(resolve, (index * paceMs) / streams)).then(() =>
        post(load, "/api/generate", body),
      ),
    ),
  );
  close(load);
  const gaps: number[] = [];
  let arrived = 0;
  let chunks = 0;
  for (const { arrivals } of all) {
    let before: number | undefined;
    for (const { atMs, lines } of arrivals) {
      arrived += lines;
      chunks++;
      // Tokens that came together have no gap between them: one was late.
      for (let line = 1; line < lines; line++) gaps.push(0);
      if (before !== undefined) gaps.push(atMs - before);
      before = atMs;
    }
  }
  const expected = streams * (tokens + 1);
  return {
    streams,
    tokens: expected,
    lost: expected - arrived,
    chunks,
    on_time: gaps.filter((gap) => Math.abs(gap - paceMs) <= 5).length / gaps.length,
    gap_p50: percentile(gaps, 0.5),
    gap_p99: percentile(gaps, 0.99),
  };
}
