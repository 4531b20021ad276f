import { event, type Format, SSE, type ToolCall, type Usage } from "./format.ts";
import { type Json, list } from "./json.ts";

let lastId = 0;

/** The many fields that the Responses API repeats in each of its response objects. */
function response(id: string, model: string, request: Json): Json {
  return {
    id,
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    completed_at: null,
    status: "in_progress",
    incomplete_details: null,
    model,
    previous_response_id: null,
    instructions: request.instructions ?? null,
    output: [],
    error: null,
    tools: list(request.tools),
    tool_choice: "auto",
    truncation: "disabled",
    parallel_tool_calls: true,
    text: { format: { type: "text" } },
    top_p: request.top_p ?? 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    top_logprobs: 0,
    temperature: request.temperature ?? 1,
    reasoning: null,
    usage: null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: null,
    store: false,
    background: false,
    service_tier: "default",
    metadata: {},
    safety_identifier: null,
    prompt_cache_key: null,
  };
}

function counts(usage: Usage): Json {
  return {
    input_tokens: usage.promptTokens,
    output_tokens: usage.tokens,
    total_tokens: usage.promptTokens + usage.tokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
  };
}

export function responsesFormat(model: string, request: Json): Format {
  const id = ++lastId;
  const base = response(`resp_${id}`, model, request);
  const itemId = `msg_${id}`;
  let sequence = 0;
  const send = (type: string, data: Json) => event(type, { type, sequence_number: sequence++, ...data });
  const part = (text: string) => ({ type: "output_text", text, annotations: [], logprobs: [] });
  const message = (status: string, content: Json[]) => ({
    id: itemId,
    type: "message",
    status,
    role: "assistant",
    content,
  });
  const at = { item_id: itemId, output_index: 0, content_index: 0 };
  const fnId = `fc_${id}`;
  const fnItem = (call: ToolCall, status: string, args: string) => ({
    id: fnId,
    type: "function_call",
    status,
    call_id: call.id,
    name: call.name,
    arguments: args,
  });
  const completed = (usage: Usage, output: Json[]) => ({
    ...base,
    status: "completed",
    completed_at: Math.floor(Date.now() / 1000),
    output,
    usage: counts(usage),
  });
  const delta = "response.output_text.delta";
  return {
    contentType: SSE,
    headers: { "Cache-Control": "no-cache", Connection: "keep-alive" },
    repeatsText: true,
    open: (call) => {
      const start =
        send("response.created", { response: base }) + send("response.in_progress", { response: base });
      if (call) return start;
      return (
        start +
        send("response.output_item.added", { output_index: 0, item: message("in_progress", []) }) +
        send("response.content_part.added", { ...at, part: part("") })
      );
    },
    token: (text) =>
      `event: ${delta}\ndata: {"type":"${delta}","sequence_number":${sequence++},"item_id":"${itemId}",` +
      `"output_index":0,"content_index":0,"delta":"${text}","logprobs":[]}\n\n`,
    tool: (call) => {
      const args = JSON.stringify(call.args);
      const item = fnItem(call, "in_progress", "");
      return (
        send("response.output_item.added", { output_index: 0, item }) +
        send("response.function_call_arguments.delta", { item_id: fnId, output_index: 0, delta: args }) +
        send("response.function_call_arguments.done", { item_id: fnId, output_index: 0, arguments: args })
      );
    },
    close: (usage, call, text) => {
      const item = call
        ? fnItem(call, "completed", JSON.stringify(call.args))
        : message("completed", [part(text)]);
      const ends = call
        ? ""
        : send("response.output_text.done", { ...at, text, logprobs: [] }) +
          send("response.content_part.done", { ...at, part: part(text) });
      return (
        ends +
        send("response.output_item.done", { output_index: 0, item }) +
        send("response.completed", { response: completed(usage, [item]) })
      );
    },
    whole: (content, usage, call) =>
      JSON.stringify(
        completed(usage, [
          call ? fnItem(call, "completed", JSON.stringify(call.args)) : message("completed", [part(content)]),
        ]),
      ),
  };
}
