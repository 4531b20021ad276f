import { createHash } from "node:crypto";
import { canonicalName } from "../../../shared/lib/model-name.ts";
import { lastText, type NativeBody, nativeBody, tokenLimit } from "./bodies.ts";
import type { Exchange } from "./exchange.ts";
import { countTokens, Generation } from "./generation.ts";
import { keepAliveMs, type Machine } from "./machine.ts";
import { modelFor, Refusal, readBody } from "./refusal.ts";

const NS_PER_MS = 1e6;

export async function show(machine: Machine, exchange: Exchange): Promise<void> {
  const body = await readBody(exchange, nativeBody);
  const name = nameIn(body);
  if (name === "") throw new Refusal(400, "model is required");
  const model = machine.find(name);
  if (model === undefined) throw new Refusal(404, `model '${canonicalName(name)}' not found`);
  exchange.json(200, machine.show(model));
}

export async function chat(machine: Machine, exchange: Exchange): Promise<void> {
  const body = await readBody(exchange, nativeBody);
  if (nameIn(body) === "") throw new Refusal(400, "model is required");
  const idle = (body.messages ?? []).length === 0;
  await answer(machine, exchange, body, {
    verb: "chat",
    prompt: idle ? undefined : lastText(body.messages),
    part: (content) => ({ message: { role: "assistant", content } }),
  });
}

export async function generate(machine: Machine, exchange: Exchange): Promise<void> {
  const body = await readBody(exchange, nativeBody);
  await answer(machine, exchange, body, {
    verb: "generate",
    prompt: body.prompt || undefined,
    part: (response) => ({ response }),
  });
}

export async function embed(machine: Machine, exchange: Exchange): Promise<void> {
  const body = await readBody(exchange, nativeBody);
  const name = nameIn(body);
  const model = modelFor(machine, name, "embedding", "embeddings");
  const inputs = typeof body.input === "string" ? [body.input] : (body.input ?? []);
  const began = performance.now();
  const generation = new Generation(machine, model, { prompt: "", maxTokens: 0 });
  await generation.load(exchange.gone);
  machine.keep(model, body.keep_alive);
  exchange.json(200, {
    model: name,
    embeddings: inputs.map(vectorOf),
    total_duration: ns(performance.now() - began),
    load_duration: ns(generation.loadMs),
    prompt_eval_count: inputs.reduce((sum, input) => sum + countTokens(input), 0),
  });
}

interface Shape {
  verb: string;
  /** Nothing means: only bring the model into memory, or put it out. */
  prompt: string | undefined;
  part: (text: string) => object;
}

async function answer(machine: Machine, exchange: Exchange, body: NativeBody, shape: Shape): Promise<void> {
  const name = nameIn(body);
  const model = modelFor(machine, name, "completion", shape.verb);
  const began = performance.now();
  const generation = new Generation(machine, model, {
    prompt: shape.prompt ?? "",
    maxTokens: tokenLimit(body.options?.num_predict),
    keepAlive: body.keep_alive,
  });
  const message = (text: string, rest: object) => ({
    model: name,
    created_at: new Date().toISOString(),
    ...shape.part(text),
    ...rest,
  });
  if (shape.prompt === undefined) {
    const unload = keepAliveMs(body.keep_alive) === 0;
    if (!unload) await generation.load(exchange.gone);
    machine.keep(model, body.keep_alive);
    exchange.json(200, message("", { done: true, done_reason: unload ? "unload" : "load" }));
    return;
  }
  const last = (text: string) => message(text, counts(generation, performance.now() - began));
  if (body.stream === false) {
    exchange.json(200, last(await generation.text(exchange.gone)));
    return;
  }
  for await (const token of generation.tokens(exchange.gone))
    await exchange.line(message(token, { done: false }));
  await exchange.line(last(""));
  exchange.end();
}

function counts(generation: Generation, totalMs: number): object {
  return {
    done: true,
    done_reason: generation.reason,
    total_duration: ns(totalMs),
    load_duration: ns(generation.loadMs),
    prompt_eval_count: generation.promptTokens,
    prompt_eval_duration: ns(generation.promptMs),
    eval_count: generation.answerTokens,
    eval_duration: ns(generation.answerMs),
  };
}

function ns(ms: number): number {
  return Math.round(ms * NS_PER_MS);
}

/** Ollama's own command line sends an empty `model` beside `name`. */
function nameIn(body: NativeBody): string {
  return body.model || body.name || "";
}

/** The same text always gives the same direction, of length 1. */
function vectorOf(text: string): number[] {
  const raw = [...createHash("sha256").update(text).digest()].map((byte) => byte / 127.5 - 1);
  const length = Math.hypot(...raw);
  return raw.map((value) => value / length);
}
