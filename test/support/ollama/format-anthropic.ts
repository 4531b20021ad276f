import { event, type Format, SSE, type ToolCall, type Usage } from "./format.ts";
import type { Json } from "./json.ts";

let lastId = 0;

function reason(usage: Usage, call: ToolCall | undefined): string {
  if (call) return "tool_use";
  return usage.limited ? "max_tokens" : "end_turn";
}

const blockStop = () => event("content_block_stop", { type: "content_block_stop", index: 0 });

function blockStart(content_block: Json): string {
  return event("content_block_start", { type: "content_block_start", index: 0, content_block });
}

function blockDelta(delta: Json): string {
  return event("content_block_delta", { type: "content_block_delta", index: 0, delta });
}

export function anthropicFormat(model: string, promptTokens: number): Format {
  const id = `msg_${(++lastId).toString(16).padStart(24, "0")}`;
  const message = { id, type: "message", role: "assistant", model };
  const [before, after] = blockDelta({ type: "text_delta", text: "\u0000" }).split("\\u0000");
  return {
    contentType: SSE,
    headers: { "Cache-Control": "no-cache", Connection: "keep-alive" },
    open: (call) => {
      const usage = { input_tokens: promptTokens, output_tokens: 0 };
      const started = { ...message, content: [], stop_reason: null, stop_sequence: null, usage };
      const start = event("message_start", { type: "message_start", message: started });
      return call ? start : start + blockStart({ type: "text", text: "" });
    },
    token: (text) => `${before}${text}${after}`,
    tool: (call) =>
      blockStart({ type: "tool_use", id: call.id, name: call.name, input: {} }) +
      blockDelta({ type: "input_json_delta", partial_json: JSON.stringify(call.args) }),
    close: (usage, call) => {
      const delta = { stop_reason: reason(usage, call), stop_sequence: null };
      const counts = { input_tokens: usage.promptTokens, output_tokens: usage.tokens };
      return (
        blockStop() +
        event("message_delta", { type: "message_delta", delta, usage: counts }) +
        event("message_stop", { type: "message_stop" })
      );
    },
    whole: (content, usage, call) =>
      JSON.stringify({
        ...message,
        content: call
          ? [{ type: "tool_use", id: call.id, name: call.name, input: call.args }]
          : [{ type: "text", text: content }],
        stop_reason: reason(usage, call),
        usage: { input_tokens: usage.promptTokens, output_tokens: usage.tokens },
      }),
  };
}
