import type { Dialect } from "../../../shared/api/ollama-routes.ts";
import type { AnswerStats } from "../../../shared/protocol/messages.ts";
import type { Tail } from "./tail.ts";

const FIELDS: ReadonlyMap<string, keyof AnswerStats> = new Map([
  ["prompt_eval_count", "prompt_tokens"],
  ["eval_count", "completion_tokens"],
  ["load_duration", "load_duration"],
  ["prompt_eval_duration", "prompt_eval_duration"],
  ["eval_duration", "eval_duration"],
  ["prompt_tokens", "prompt_tokens"],
  ["completion_tokens", "completion_tokens"],
  ["input_tokens", "prompt_tokens"],
  ["output_tokens", "completion_tokens"],
]);

const NATIVE =
  /"(prompt_eval_count|eval_count|load_duration|prompt_eval_duration|eval_duration)":\s*(\d{1,15})\b/g;
const USAGE = /"(prompt_tokens|completion_tokens|input_tokens|output_tokens)":\s*(\d{1,15})\b/g;

/** Ollama writes its counts last: nearly always they are in here. */
const NEAR_END_BYTES = 2 * 1024;

/**
 * What an answer says of its cost, undefined when it says nothing. Read with a pattern and not as JSON: the message may
 * be half a megabyte of context with only its end at hand. Text that a model wrote cannot match, because in a
 * JSON string its quotes are escaped.
 * @param events of an OpenAI stream: it tells its usage only to a client that asks, and each of them is about one token
 */
export function answerStats(tail: Tail, dialect: Dialect, events = 0): AnswerStats | undefined {
  if (dialect === "native") return nativeStats(tail);
  return usageStats(tail) ?? (events > 0 ? { completion_tokens: events } : undefined);
}

function nativeStats(tail: Tail): AnswerStats | undefined {
  const end = tail.end();
  const newline = end.length < 2 ? -1 : end.lastIndexOf(10, end.length - 2);
  const line = end.subarray(newline + 1);
  const near = matches(NATIVE, line.subarray(-NEAR_END_BYTES));
  if (near !== undefined || line.length <= NEAR_END_BYTES) return near;
  return matches(NATIVE, line) ?? matches(NATIVE, tail.lineHead());
}

/** The last usage object counts: Anthropic's first one is written before anything is generated. */
function usageStats(tail: Tail): AnswerStats | undefined {
  const end = tail.end();
  const usage = end.lastIndexOf('"usage"');
  if (usage < 0) return undefined;
  const last = matches(USAGE, end.subarray(usage, usage + NEAR_END_BYTES));
  if (last?.prompt_tokens !== undefined || usage === 0) return last;
  const first = end.lastIndexOf('"usage"', usage - 1);
  return first < 0 ? last : { ...matches(USAGE, end.subarray(first, first + NEAR_END_BYTES)), ...last };
}

function matches(pattern: RegExp, bytes: Buffer): AnswerStats | undefined {
  const stats: AnswerStats = {};
  let found = false;
  for (const [, name = "", digits = ""] of bytes.toString("latin1").matchAll(pattern)) {
    const field = FIELDS.get(name);
    if (field === undefined) continue;
    stats[field] = Number(digits);
    found = true;
  }
  return found ? stats : undefined;
}
