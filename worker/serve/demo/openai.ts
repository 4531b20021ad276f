import { randomUUID } from "node:crypto";
import { lastText, openaiBody, tokenLimit } from "./bodies.ts";
import type { Exchange } from "./exchange.ts";
import { Generation } from "./generation.ts";
import type { Machine } from "./machine.ts";
import { modelFor, readBody } from "./refusal.ts";

interface Shape {
  prefix: string;
  object: string;
  chunkObject: string;
  whole: (text: string) => object;
  part: (text: string) => object;
}

const CHAT: Shape = {
  prefix: "chatcmpl",
  object: "chat.completion",
  chunkObject: "chat.completion.chunk",
  whole: (content) => ({ message: { role: "assistant", content } }),
  part: (content) => ({ delta: { role: "assistant", content } }),
};
const TEXT: Shape = {
  prefix: "cmpl",
  object: "text_completion",
  chunkObject: "text_completion",
  whole: (text) => ({ text }),
  part: (text) => ({ text }),
};

export function chatCompletions(machine: Machine, exchange: Exchange): Promise<void> {
  return complete(machine, exchange, CHAT);
}

export function completions(machine: Machine, exchange: Exchange): Promise<void> {
  return complete(machine, exchange, TEXT);
}

async function complete(machine: Machine, exchange: Exchange, shape: Shape): Promise<void> {
  const body = await readBody(exchange, openaiBody);
  const name = body.model ?? "";
  const model = modelFor(machine, name, "completion", shape === CHAT ? "chat" : "generate");
  const generation = new Generation(machine, model, {
    prompt: shape === CHAT ? lastText(body.messages) : [body.prompt ?? ""].flat().join(" "),
    maxTokens: tokenLimit(body.max_completion_tokens, body.max_tokens),
  });
  const head = {
    id: `${shape.prefix}-${randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: name,
    system_fingerprint: "fp_simulation",
  };
  if (body.stream !== true) {
    const text = await generation.text(exchange.gone);
    const choice = { index: 0, ...shape.whole(text), finish_reason: generation.reason };
    exchange.json(200, { ...head, object: shape.object, choices: [choice], usage: usage(generation) });
    return;
  }
  const chunk = (text: string, finish: string | null) => ({
    ...head,
    object: shape.chunkObject,
    choices: [{ index: 0, ...shape.part(text), finish_reason: finish }],
  });
  for await (const token of generation.tokens(exchange.gone)) await exchange.event(chunk(token, null));
  await exchange.event(chunk("", generation.reason));
  if (body.stream_options?.include_usage === true)
    await exchange.event({ ...head, object: shape.chunkObject, choices: [], usage: usage(generation) });
  await exchange.event("[DONE]");
  exchange.end();
}

function usage(generation: Generation): object {
  return {
    prompt_tokens: generation.promptTokens,
    completion_tokens: generation.answerTokens,
    total_tokens: generation.promptTokens + generation.answerTokens,
  };
}
