import type { AttemptView, RequestView } from "../../../../shared/api/requests.ts";

export const STEPS = ["prepare", "queue", "dispatch", "load", "prompt", "write", "stream", "lost"] as const;
export type StepKind = (typeof STEPS)[number];

/** A stretch of time that has one name. ms since the request arrived. */
export interface Step {
  kind: StepKind;
  from: number;
  to: number;
}

/** What happened on one machine, or before it was given to one. */
export interface Lane {
  /** The number of the attempt in `tries`; undefined: nobody had it. */
  attempt: number | undefined;
  steps: Step[];
  /** When the first byte of its answer came, ms; null: none did. */
  firstByte: number | null;
}

export interface Waterfall {
  lanes: Lane[];
  /** Its right end, ms; above 0. */
  total: number;
}

type Timed = Pick<
  RequestView,
  "duration_ms" | "queue_ms" | "load_ms" | "prompt_ms" | "eval_ms" | "first_byte_ms" | "tries"
>;

const atLeast0 = (value: number | null | undefined): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
const between = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/**
 * Where the time of a request went. Clocks that jump and numbers that contradict each other never make a step that is negative
 * or outside: the numbers of the coordinator's own clock count first, then what Ollama says of its work.
 */
export function waterfallOf(row: Timed): Waterfall {
  const tries = row.tries.map(tidied).toSorted((a, b) => a.from - b.from);
  const ends = tries.map(({ to }) => to);
  const total = Math.max(atLeast0(row.duration_ms), ...ends, 1);
  const lanes: Lane[] = [];
  let at = 0;
  for (const [index, one] of tries.entries()) {
    const isLast = index === tries.length - 1;
    const waited = waitedFor(at, Math.max(at, one.from), isLast ? atLeast0(row.queue_ms) : undefined);
    const from = Math.max(at, one.from);
    const to = Math.max(from, one.to);
    const firstByte = one.firstByte === null ? null : between(one.firstByte, from, to);
    const worked = isLast && one.error === null ? row : undefined;
    lanes.push({
      attempt: one.attempt,
      firstByte,
      steps: [...waited, ...workOf(from, to, firstByte, worked)],
    });
    at = to;
  }
  if (tries.length === 0) {
    lanes.push({ attempt: undefined, firstByte: null, steps: waitedFor(0, total, atLeast0(row.queue_ms)) });
  }
  return { lanes, total };
}

interface Tidied {
  attempt: number;
  from: number;
  to: number;
  firstByte: number | null;
  error: string | null;
}

function tidied(one: AttemptView, attempt: number): Tidied {
  const from = atLeast0(one.started_ms);
  return {
    attempt,
    from,
    to: Math.max(from, atLeast0(one.ended_ms)),
    firstByte: one.first_byte_ms === null ? null : atLeast0(one.first_byte_ms),
    error: one.error_code,
  };
}

/** The time before a machine: what of it was the queue. @param queue ms; undefined: all of it */
function waitedFor(from: number, to: number, queue: number | undefined): Step[] {
  const queued = between(queue ?? to - from, 0, to - from);
  return steps(from, [
    ["prepare", to - from - queued],
    ["queue", queued],
  ]);
}

function workOf(from: number, to: number, firstByte: number | null, row: Timed | undefined): Step[] {
  if (firstByte === null) return steps(from, [["lost", to - from]]);
  const before = firstByte - from;
  const load = Math.min(atLeast0(row?.load_ms), before);
  const prompt = Math.min(atLeast0(row?.prompt_ms), before - load);
  // What of the answer was written before its first byte came: all of it where nothing is streamed, next to nothing otherwise.
  const ahead = atLeast0(row?.eval_ms) - (to - firstByte);
  const write = ahead < atLeast0(row?.eval_ms) / 2 ? 0 : between(ahead, 0, before - load - prompt);
  return steps(from, [
    ["dispatch", before - load - prompt - write],
    ["load", load],
    ["prompt", prompt],
    ["write", write],
    ["stream", to - firstByte],
  ]);
}

/** One after the other; those that took no time are left out. */
function steps(from: number, lengths: readonly (readonly [StepKind, number])[]): Step[] {
  const made: Step[] = [];
  let at = from;
  for (const [kind, length] of lengths) {
    if (length <= 0) continue;
    made.push({ kind, from: at, to: at + length });
    at += length;
  }
  return made;
}

/** Round numbers for an axis: at most `most` beside 0. @param total above 0 */
export function ticks(total: number, most = 5): number[] {
  const rough = total / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  return Array.from({ length: Math.floor(total / step + 1e-9) + 1 }, (_, at) => at * step);
}

/** Tokens of the answer a second: by Ollama's own time, else by the time of the stream. Null: not known. */
export function tokenRate(
  row: Pick<RequestView, "completion_tokens" | "eval_ms" | "first_byte_ms" | "duration_ms">,
): number | null {
  const { completion_tokens: tokens, eval_ms, first_byte_ms, duration_ms } = row;
  if (tokens === null || tokens <= 0) return null;
  const ms =
    eval_ms !== null && eval_ms > 0 ? eval_ms : first_byte_ms === null ? 0 : duration_ms - first_byte_ms;
  return ms > 0 ? tokens / (ms / 1_000) : null;
}
