import Anthropic from "@anthropic-ai/sdk";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MACHINES, type MachineSpec } from "./catalog.ts";
import { type Engine, startEngine } from "./engine.ts";
import { keepAliveMs } from "./machine.ts";

const MODEL = "llama3.2:3b";
const FAST: MachineSpec = {
  name: "demo-fast",
  tokensPerSecond: 2000,
  models: MACHINES.flatMap((machine) => machine.models).filter((model, at, all) => all.indexOf(model) === at),
};
const ASK = { role: "user" as const, content: "What is the sea?" };

let engine: Engine;
beforeEach(async () => {
  engine = await startEngine(FAST);
});
afterEach(() => engine.stop());

test("a native chat streams, and its last message has the counts", async () => {
  const ollama = new Ollama({ host: engine.url });
  let text = "";
  let parts = 0;
  for await (const part of await ollama.chat({ model: MODEL, messages: [ASK], stream: true })) {
    text += part.message.content;
    parts++;
    if (!part.done) continue;
    expect(part.done_reason).toBe("stop");
    expect(part.eval_count).toBe(parts - 1);
    expect(part.eval_duration).toBeGreaterThan(1_000_000);
    expect(part.prompt_eval_count).toBe(4);
    expect(part.total_duration).toBeGreaterThanOrEqual(part.load_duration + part.eval_duration);
  }
  expect(text).toContain("no model was run");
  expect(text).toContain("What is the sea?");
  expect((await ollama.ps()).models.map((model) => model.name)).toEqual([MODEL]);
});

test("native answers in one piece, limits, loading and unloading", async () => {
  const ollama = new Ollama({ host: engine.url });
  const short = await ollama.generate({ model: "LLAMA3.2:3B", prompt: "Hi", options: { num_predict: 3 } });
  expect(short).toMatchObject({ model: "LLAMA3.2:3B", done: true, done_reason: "length", eval_count: 3 });
  expect(short.response?.split(" ")).toHaveLength(3);
  expect(await ollama.generate({ model: MODEL, prompt: "", keep_alive: 0 })).toMatchObject({
    done_reason: "unload",
  });
  expect((await ollama.ps()).models).toEqual([]);
  expect((await ollama.show({ model: MODEL })).capabilities).toContain("completion");
});

test("the same text has the same vector", async () => {
  const ollama = new Ollama({ host: engine.url });
  const { embeddings } = await ollama.embed({ model: "nomic-embed-text", input: ["a", "b", "a"] });
  expect(embeddings[0]).toEqual(embeddings[2]);
  expect(embeddings[0]).not.toEqual(embeddings[1]);
  expect(Math.hypot(...(embeddings[0] ?? []))).toBeCloseTo(1);
});

test("OpenAI clients get streams and whole answers", async () => {
  const openai = new OpenAI({ baseURL: `${engine.url}/v1`, apiKey: "none", maxRetries: 0 });
  const stream = await openai.chat.completions.create({
    model: MODEL,
    messages: [ASK],
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let counted = 0;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    counted = chunk.usage?.completion_tokens ?? counted;
  }
  expect(text).toContain("This is a simulation");
  expect(counted).toBeGreaterThan(10);
  const whole = await openai.chat.completions.create({ model: MODEL, messages: [ASK], max_tokens: 2 });
  expect(whole.choices[0]).toMatchObject({ finish_reason: "length", message: { role: "assistant" } });
  const completion = await openai.completions.create({ model: MODEL, prompt: "Hi" });
  expect(completion.choices[0]?.text).toContain("simulation");
  await expect(openai.chat.completions.create({ model: "nope", messages: [ASK] })).rejects.toMatchObject({
    status: 404,
    type: "not_found_error",
  });
});

test("Anthropic clients get streams and whole answers", async () => {
  const anthropic = new Anthropic({ baseURL: engine.url, apiKey: "none", maxRetries: 0 });
  const ask = { model: MODEL, max_tokens: 500, messages: [ASK] };
  const streamed = await anthropic.messages.stream(ask).finalMessage();
  expect(streamed.stop_reason).toBe("end_turn");
  expect(streamed.content[0]).toMatchObject({ text: expect.stringContaining("no model was run") });
  const whole = await anthropic.messages.create({ ...ask, max_tokens: 2 });
  expect(whole).toMatchObject({ stop_reason: "max_tokens", usage: { output_tokens: 2 } });
  await expect(anthropic.messages.create({ ...ask, model: "nope" })).rejects.toMatchObject({ status: 404 });
});

test("what is not there is refused as Ollama refuses it", async () => {
  const ask = (path: string, body: string) => fetch(`${engine.url}${path}`, { method: "POST", body });
  const unknown = await ask("/api/chat", '{"model":"nope"}');
  expect([unknown.status, await unknown.json()]).toEqual([404, { error: "model 'nope' not found" }]);
  const shown = await ask("/api/show", '{"model":"","name":"nope"}');
  expect([shown.status, await shown.json()]).toEqual([404, { error: "model 'nope:latest' not found" }]);
  const path = await ask("/api/pull", "{}");
  expect([path.status, await path.text()]).toEqual([404, "404 page not found"]);
  expect((await ask("/api/tags", "{}")).status).toBe(405);
  expect((await ask("/api/chat", "")).status).toBe(400);
  expect((await fetch(engine.url, { method: "HEAD" })).status).toBe(200);
});

test("a client that leaves stops its answer, and a stop ends running streams", async () => {
  const slow = await startEngine({ ...FAST, tokensPerSecond: 5 });
  const body = JSON.stringify({ model: MODEL, messages: [ASK], keep_alive: 0 });
  const ollama = new Ollama({ host: slow.url });
  const leave = new AbortController();
  const left = await fetch(`${slow.url}/api/chat`, { method: "POST", body, signal: leave.signal });
  expect((await ollama.ps()).models).toHaveLength(1);
  leave.abort();
  await expect(left.text()).rejects.toThrow();
  // The model goes when its answer ends, which at this pace would be many seconds later.
  await vi.waitFor(async () => expect((await ollama.ps()).models).toEqual([]), { timeout: 1000 });
  const running = await fetch(`${slow.url}/api/chat`, { method: "POST", body });
  const read = running.text().catch(() => "cut");
  const began = performance.now();
  await slow.stop();
  expect(await read).toBe("cut");
  expect(performance.now() - began).toBeLessThan(1000);
});

test.each([
  [undefined, 300_000],
  [10, 10_000],
  ["1h30m", 5_400_000],
  ["0s", 0],
  ["0", 0],
])("keep_alive %s is %d ms", (value, ms) => {
  expect(keepAliveMs(value)).toBe(ms);
});
