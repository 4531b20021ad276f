import type { ToolCall } from "./format.ts";
import { isRecord, type Json, list, positive, record, text } from "./json.ts";
import type { Machine } from "./machine.ts";
import { keepAliveMs } from "./machine.ts";

/** What a request's body asks of the answer. */
export interface Plan {
  tokens: number;
  limited: boolean;
  tokenBytes: number;
  contextBytes: number | undefined;
  totalBytes: number | undefined;
  delayMs: number;
  numCtx: number | undefined;
  keepAliveMs: number | undefined;
  promptTokens: number;
  call: ToolCall | undefined;
}

/** Pieces of this size make a long answer without one of the sizes given. */
const PIECE = 16 * 1024;

export function planAnswer(machine: Machine, body: Json, native: boolean): Plan {
  const options = native ? record(body.options) : body;
  const steering = record(options.stand_in);
  const limit = native
    ? positive(options.num_predict)
    : (positive(body.max_tokens) ?? positive(body.max_completion_tokens) ?? positive(body.max_output_tokens));
  const totalBytes = positive(steering.total_bytes);
  return {
    tokens: limit ?? machine.options.tokens,
    limited: limit !== undefined,
    tokenBytes: positive(steering.token_bytes) ?? (totalBytes === undefined ? 0 : PIECE),
    contextBytes: positive(steering.context_bytes),
    totalBytes,
    delayMs: positive(steering.token_delay_ms) ?? machine.options.tokenDelayMs,
    numCtx: positive(options.num_ctx),
    keepAliveMs: keepAliveMs(body.keep_alive),
    promptTokens: countPrompt(body),
    call: firstTool(body),
  };
}

/** About four characters a token, as deterministic as a real tokenizer. */
export function countPrompt(body: Json): number {
  const prompts = [body.prompt, body.system, body.instructions, body.input, body.messages];
  return Math.max(1, Math.ceil(prompts.reduce<number>((sum, prompt) => sum + length(prompt), 0) / 4));
}

function length(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, element) => sum + length(element), 0);
  return isRecord(value) ? length(value.content) + length(value.text) : 0;
}

let lastCall = 0;

/** A call of the first tool, unless its result is already there: tool loops must come to an end. */
function firstTool(body: Json): ToolCall | undefined {
  const tool = record(list(body.tools)[0]);
  const fn = isRecord(tool.function) ? tool.function : tool;
  const name = text(fn.name);
  if (name === "" || hasResult(body)) return undefined;
  const schema = record(fn.parameters ?? fn.input_schema);
  const args: Json = {};
  for (const [key, property] of Object.entries(record(schema.properties))) {
    args[key] = example(record(property));
  }
  return { id: `call_${(++lastCall).toString(36).padStart(8, "0")}`, name, args };
}

function hasResult(body: Json): boolean {
  const last = record((Array.isArray(body.messages) ? body.messages : list(body.input)).at(-1));
  if (last.role === "tool" || last.type === "function_call_output") return true;
  return list(last.content).some((part) => record(part).type === "tool_result");
}

function example(schema: Json): unknown {
  if (Array.isArray(schema.enum)) return schema.enum[0];
  switch (schema.type) {
    case "integer":
    case "number":
      return 1;
    case "boolean":
      return true;
    case "array":
      return [];
    case "object":
      return {};
    default:
      return "tok0";
  }
}
