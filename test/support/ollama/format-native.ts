import { type Format, NDJSON, type ToolCall, type Usage } from "./format.ts";
import { contextJson, goTime, nanoseconds } from "./tokens.ts";

function timings(usage: Usage): string {
  const evaluated = nanoseconds(usage.evalMs);
  const load = nanoseconds(usage.loadMs);
  return (
    `"total_duration":${nanoseconds(usage.totalMs)},"load_duration":${load},` +
    `"prompt_eval_count":${usage.promptTokens},"prompt_eval_duration":${1 + Math.floor(evaluated / 4)},` +
    `"eval_count":${usage.tokens},"eval_duration":${evaluated}`
  );
}

function reason(usage: Usage): string {
  return usage.limited ? "length" : "stop";
}

/** The id is Ollama's own addition; the index is what older clients know. */
function toolCalls(call: ToolCall): string {
  const { id, name, args } = call;
  return JSON.stringify([{ id, function: { index: 0, name, arguments: args } }]);
}

export function chatFormat(model: string): Format {
  const start = `{"model":${JSON.stringify(model)},"created_at":"`;
  const line = (message: string, rest: string) => `${start}${goTime()}","message":{${message}},${rest}}\n`;
  const role = `"role":"assistant","content":"`;
  return {
    contentType: NDJSON,
    open: () => "",
    token: (text) => `${start}${goTime()}","message":{${role}${text}"},"done":false}\n`,
    tool: (call) => line(`${role}","tool_calls":${toolCalls(call)}`, `"done":false`),
    close: (usage) => line(`${role}"`, `"done":true,"done_reason":"${reason(usage)}",${timings(usage)}`),
    whole: (content, usage, call) =>
      line(
        call ? `${role}","tool_calls":${toolCalls(call)}` : `${role}${content}"`,
        `"done":true,"done_reason":"${reason(usage)}",${timings(usage)}`,
      ).trimEnd(),
  };
}

export function generateFormat(model: string, contextBytes: number | undefined): Format {
  const start = `{"model":${JSON.stringify(model)},"created_at":"`;
  const last = (content: string, usage: Usage) =>
    `${start}${goTime()}","response":"${content}","done":true,"done_reason":"${reason(usage)}",` +
    `"context":${contextJson(usage.promptTokens + usage.tokens, contextBytes)},${timings(usage)}}`;
  return {
    contentType: NDJSON,
    open: () => "",
    token: (text) => `${start}${goTime()}","response":"${text}","done":false}\n`,
    // Generate knows no tools.
    tool: () => "",
    close: (usage) => `${last("", usage)}\n`,
    whole: (content, usage) => last(content, usage),
  };
}
