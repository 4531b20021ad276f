import { randomUUID } from "node:crypto";
import { anthropicBody, lastText, tokenLimit } from "./bodies.ts";
import type { Exchange } from "./exchange.ts";
import { Generation } from "./generation.ts";
import type { Machine } from "./machine.ts";
import { modelFor, readBody } from "./refusal.ts";

export async function messages(machine: Machine, exchange: Exchange): Promise<void> {
  const body = await readBody(exchange, anthropicBody);
  const name = body.model ?? "";
  const model = modelFor(machine, name, "completion", "chat");
  const generation = new Generation(machine, model, {
    prompt: lastText(body.messages),
    maxTokens: tokenLimit(body.max_tokens),
  });
  const head = { id: `msg_${randomUUID()}`, type: "message", role: "assistant", model: name };
  if (body.stream !== true) {
    const text = await generation.text(exchange.gone);
    exchange.json(200, {
      ...head,
      content: [{ type: "text", text }],
      stop_reason: stopReason(generation),
      stop_sequence: null,
      usage: { input_tokens: generation.promptTokens, output_tokens: generation.answerTokens },
    });
    return;
  }
  const event = (data: { type: string; [field: string]: unknown }) => exchange.event(data, data.type);
  await event({
    type: "message_start",
    message: {
      ...head,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: generation.promptTokens, output_tokens: 0 },
    },
  });
  await event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
  for await (const text of generation.tokens(exchange.gone))
    await event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });
  await event({ type: "content_block_stop", index: 0 });
  await event({
    type: "message_delta",
    delta: { stop_reason: stopReason(generation), stop_sequence: null },
    usage: { input_tokens: generation.promptTokens, output_tokens: generation.answerTokens },
  });
  await event({ type: "message_stop" });
  exchange.end();
}

function stopReason(generation: Generation): "end_turn" | "max_tokens" {
  return generation.reason === "length" ? "max_tokens" : "end_turn";
}
