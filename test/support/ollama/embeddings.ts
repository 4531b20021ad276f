import { createHash } from "node:crypto";
import { Refusal } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { inSlot } from "./generation.ts";
import type { Handler } from "./inference.ts";
import { list, positive, record, text } from "./json.ts";
import type { Machine, Model } from "./machine.ts";
import { keepAliveMs } from "./machine.ts";
import { countPrompt } from "./plan.ts";
import { nanoseconds } from "./tokens.ts";

/** The same text has the same vector on every machine. */
function vector(input: unknown): number[] {
  const hash = createHash("sha256")
    .update(typeof input === "string" ? input : JSON.stringify(input ?? ""))
    .digest();
  return Array.from(hash, (byte) => Math.fround((byte - 127.5) / 722));
}

/** One vector for a text or a list of token numbers, one each for a list of texts. */
function inputs(exchange: Exchange): unknown[] {
  const { input } = exchange.body;
  if (exchange.big) return [exchange.seen.bodyBytes];
  if (typeof input === "string") return input === "" ? [] : [input];
  const several = list(input);
  return typeof several[0] === "number" ? [several] : several;
}

function embeddingModel(machine: Machine, name: string): Model {
  const model = machine.demand(name);
  if (!model.capabilities.includes("embedding")) {
    throw new Refusal(501, "this model does not support embeddings");
  }
  return model;
}

/** Embedding answers are never streamed. */
function embedding(machine: Machine, exchange: Exchange, model: Model, make: (loadMs: number) => unknown) {
  const { body } = exchange;
  const plan = {
    numCtx: positive(record(body.options).num_ctx),
    keepAliveMs: keepAliveMs(body.keep_alive),
  };
  return inSlot(machine, exchange, model, plan, (loadMs) => {
    exchange.json(make(loadMs));
    return undefined;
  });
}

export const embed: Handler = (machine, exchange) => {
  const { body } = exchange;
  const model = embeddingModel(machine, text(body.model));
  return embedding(machine, exchange, model, (loadMs) => ({
    model: body.model,
    embeddings: inputs(exchange).map(vector),
    total_duration: nanoseconds(performance.now() - exchange.seen.startedAt),
    load_duration: nanoseconds(loadMs),
    prompt_eval_count: countPrompt(body),
  }));
};

/** The older route, with words of its own for a model that is not there. */
export const embeddings: Handler = (machine, exchange) => {
  const { body } = exchange;
  const name = text(body.model);
  if (!machine.find(name)) {
    throw new Refusal(404, `model ${JSON.stringify(name)} not found, try pulling it first`);
  }
  const model = embeddingModel(machine, name);
  const empty = text(body.prompt) === "" && !exchange.big;
  return embedding(machine, exchange, model, () => ({ embedding: empty ? [] : vector(body.prompt) }));
};

export const openaiEmbeddings: Handler = (machine, exchange) => {
  const { body } = exchange;
  const model = embeddingModel(machine, text(body.model));
  const base64 = body.encoding_format === "base64";
  return embedding(machine, exchange, model, () => {
    const tokens = countPrompt(body);
    return {
      object: "list",
      data: inputs(exchange).map((input, index) => ({
        object: "embedding",
        embedding: base64 ? encode(vector(input)) : vector(input),
        index,
      })),
      model: body.model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    };
  });
};

/** What the official OpenAI client asks for unless told otherwise: little-endian floats. */
function encode(values: number[]): string {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, k) => {
    bytes.writeFloatLE(value, k * 4);
  });
  return bytes.toString("base64");
}
