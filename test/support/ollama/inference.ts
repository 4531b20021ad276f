import { Refusal } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Format } from "./format.ts";
import { anthropicFormat } from "./format-anthropic.ts";
import { chatFormat, generateFormat } from "./format-native.ts";
import { openaiChatFormat, openaiCompletionFormat } from "./format-openai.ts";
import { responsesFormat } from "./format-responses.ts";
import { answer, inSlot } from "./generation.ts";
import { type Json, list, record, text } from "./json.ts";
import type { Machine, Model } from "./machine.ts";
import { type Plan, planAnswer } from "./plan.ts";
import { goTime } from "./tokens.ts";

/** The routes that write text: each checks what Ollama checks, in Ollama's words. */
export type Handler = (machine: Machine, exchange: Exchange) => void | Promise<void>;

function chatModel(machine: Machine, body: Json): Model {
  const name = text(body.model);
  if (name === "") throw new Refusal(400, "model is required");
  const model = machine.demand(name);
  if (!model.capabilities.includes("completion")) {
    throw new Refusal(400, `${JSON.stringify(name)} does not support chat`);
  }
  if (list(body.tools).length > 0 && !model.capabilities.includes("tools")) {
    throw new Refusal(400, `registry.ollama.ai/library/${model.name} does not support tools`);
  }
  return model;
}

function generateModel(machine: Machine, body: Json): Model {
  const name = text(body.model);
  const model = machine.demand(name);
  if (!model.capabilities.includes("completion")) {
    throw new Refusal(400, `${JSON.stringify(name)} does not support generate`);
  }
  return model;
}

/** Nothing to answer: the request only wants the model in memory, or out of it. */
function loadOnly(machine: Machine, exchange: Exchange, model: Model, plan: Plan, content: Json) {
  const reply = { model: exchange.body.model, created_at: goTime(), ...content, done: true };
  if (plan.keepAliveMs === 0) {
    machine.unload(model.name);
    exchange.json({ ...reply, done_reason: "unload" });
    return undefined;
  }
  return inSlot(machine, exchange, model, plan, () => {
    exchange.json({ ...reply, done_reason: "load" });
    return undefined;
  });
}

export const generate: Handler = (machine, exchange) => {
  const { body } = exchange;
  const model = generateModel(machine, body);
  const plan = planAnswer(machine, body, true);
  plan.call = undefined;
  if (text(body.prompt) === "" && !exchange.big && list(body.images).length === 0) {
    return loadOnly(machine, exchange, model, plan, { response: "" });
  }
  const format = generateFormat(text(body.model), plan.contextBytes);
  return answer(machine, exchange, model, plan, format, body.stream !== false);
};

export const chat: Handler = (machine, exchange) => {
  const { body } = exchange;
  const model = chatModel(machine, body);
  const plan = planAnswer(machine, body, true);
  if (list(body.messages).length === 0 && !exchange.big) {
    return loadOnly(machine, exchange, model, plan, { message: { role: "assistant", content: "" } });
  }
  return answer(machine, exchange, model, plan, chatFormat(text(body.model)), body.stream !== false);
};

function compatible(
  machine: Machine,
  exchange: Exchange,
  model: Model,
  make: (plan: Plan, name: string) => Format,
) {
  const { body } = exchange;
  const plan = planAnswer(machine, body, false);
  return answer(machine, exchange, model, plan, make(plan, text(body.model)), body.stream === true);
}

const wantsUsage = (body: Json) => record(body.stream_options).include_usage === true;

export const openaiChat: Handler = (machine, exchange) => {
  const { body } = exchange;
  if (list(body.messages).length === 0 && !exchange.big) {
    throw new Refusal(400, "[] is too short - 'messages'");
  }
  const model = chatModel(machine, body);
  return compatible(machine, exchange, model, (_, name) => openaiChatFormat(name, wantsUsage(body)));
};

export const openaiCompletion: Handler = (machine, exchange) => {
  const model = generateModel(machine, exchange.body);
  return compatible(machine, exchange, model, (plan, name) => {
    plan.call = undefined;
    return openaiCompletionFormat(name, wantsUsage(exchange.body));
  });
};

export const responses: Handler = (machine, exchange) => {
  const model = chatModel(machine, exchange.body);
  return compatible(machine, exchange, model, (_, name) => responsesFormat(name, exchange.body));
};

export const anthropicMessages: Handler = (machine, exchange) => {
  const { body } = exchange;
  if (text(body.model) === "") throw new Refusal(400, "model is required");
  if (!exchange.big) {
    if (typeof body.max_tokens !== "number" || body.max_tokens <= 0) {
      throw new Refusal(400, "max_tokens is required and must be positive");
    }
    if (list(body.messages).length === 0) throw new Refusal(400, "messages is required");
  }
  const model = chatModel(machine, body);
  return compatible(machine, exchange, model, (plan, name) => anthropicFormat(name, plan.promptTokens));
};
