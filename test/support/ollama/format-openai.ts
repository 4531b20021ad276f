import { type Format, SSE, type ToolCall, type Usage } from "./format.ts";
import type { Json } from "./json.ts";

const DONE = "data: [DONE]\n\n";
let lastId = 0;

function counts(usage: Usage): Json {
  const { promptTokens, tokens } = usage;
  return { prompt_tokens: promptTokens, completion_tokens: tokens, total_tokens: promptTokens + tokens };
}

function reason(usage: Usage, call: ToolCall | undefined): string {
  if (call) return "tool_calls";
  return usage.limited ? "length" : "stop";
}

function toolCalls(call: ToolCall): Json[] {
  const fn = { name: call.name, arguments: JSON.stringify(call.args) };
  return [{ id: call.id, index: 0, type: "function", function: fn }];
}

export function openaiChatFormat(model: string, includeUsage: boolean): Format {
  const base = (object: string) => ({
    id: `chatcmpl-${++lastId}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model,
    system_fingerprint: "fp_ollama",
  });
  const chunk = base("chat.completion.chunk");
  const line = (rest: Json) => `data: ${JSON.stringify({ ...chunk, ...rest })}\n\n`;
  const choice = (delta: Json, finish_reason: string | null) =>
    line({ choices: [{ index: 0, delta, finish_reason }] });
  const [before, after] = choice({ role: "assistant", content: "\u0000" }, null).split("\\u0000");
  return {
    contentType: SSE,
    open: () => choice({ role: "assistant", content: "" }, null),
    token: (text) => `${before}${text}${after}`,
    tool: (call) => choice({ role: "assistant", content: "", tool_calls: toolCalls(call) }, null),
    close: (usage, call) =>
      choice({ role: "assistant", content: "" }, reason(usage, call)) +
      (includeUsage ? line({ choices: [], usage: counts(usage) }) : "") +
      DONE,
    whole: (content, usage, call) => {
      const message = call ? { content: "", tool_calls: toolCalls(call) } : { content };
      return JSON.stringify({
        ...base("chat.completion"),
        choices: [
          { index: 0, message: { role: "assistant", ...message }, finish_reason: reason(usage, call) },
        ],
        usage: counts(usage),
      });
    },
  };
}

export function openaiCompletionFormat(model: string, includeUsage: boolean): Format {
  const base = {
    id: `cmpl-${++lastId}`,
    object: "text_completion",
    created: Math.floor(Date.now() / 1000),
    model,
    system_fingerprint: "fp_ollama",
  };
  const line = (rest: Json) => `data: ${JSON.stringify({ ...base, ...rest })}\n\n`;
  const choice = (text: string, finish_reason: string | null) =>
    line({ choices: [{ text, index: 0, finish_reason }] });
  const [before, after] = choice("\u0000", null).split("\\u0000");
  return {
    contentType: SSE,
    open: () => "",
    token: (text) => `${before}${text}${after}`,
    tool: () => "",
    close: (usage) =>
      choice("", reason(usage, undefined)) +
      (includeUsage ? line({ choices: [], usage: counts(usage) }) : "") +
      DONE,
    whole: (content, usage) =>
      JSON.stringify({
        ...base,
        choices: [{ text: content, index: 0, finish_reason: reason(usage, undefined) }],
        usage: counts(usage),
      }),
  };
}
