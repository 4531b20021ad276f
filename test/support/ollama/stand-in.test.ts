import { createHash } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { zstdCompressSync } from "node:zlib";
import Anthropic from "@anthropic-ai/sdk";
import { Ollama } from "ollama";
import OpenAI, { toFile } from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type StandInOllama, type StandInOptions, startStandIn } from "./stand-in.ts";

const EIGHT = "tok0 tok1 tok2 tok3 tok4é tok5 tok6 tok7 ";
const MESSAGES = [{ role: "user" as const, content: "Why is the sky blue?" }];
const PARAMETERS = { type: "object" as const, properties: { city: { type: "string" as const } } };
const FUNCTION = { name: "weather", description: "The weather", parameters: PARAMETERS };
const TOOL = { type: "function" as const, function: FUNCTION };

let standIn: StandInOllama;
let ollama: Ollama;
let openai: OpenAI;
let anthropic: Anthropic;

async function start(options: StandInOptions = {}): Promise<void> {
  await standIn?.close();
  standIn = await startStandIn({ models: ["tiny", "nomic-embed-text"], ...options });
  ollama = new Ollama({ host: standIn.url });
  openai = new OpenAI({ baseURL: `${standIn.url}/v1`, apiKey: "none", maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: standIn.url, apiKey: "none", maxRetries: 0 });
}

beforeEach(() => start());
afterEach(() => standIn.close());

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(standIn.url + path, { method: "POST", headers, body: JSON.stringify(body) });
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of stream) all.push(part);
  return all;
}

describe("the Ollama client", () => {
  test("lists, shows, and finds running models", async () => {
    const { models } = await ollama.list();
    expect(models.map((m) => m.name)).toEqual(["tiny:latest", "nomic-embed-text:latest"]);
    expect(models[0]?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect((await ollama.ps()).models).toEqual([]);
    await ollama.generate({ model: "TINY:Latest", prompt: "", options: { num_ctx: 8192 } });
    const running = (await ollama.ps()).models[0];
    expect(running).toMatchObject({ name: "tiny:latest", context_length: 8192 });
    expect(Date.parse(String(running?.expires_at))).toBeGreaterThan(Date.now() + 290_000);
    expect((await ollama.show({ model: "tiny" })).capabilities).toContain("completion");
    expect((await ollama.version()).version).toBe("0.33.0");
  });

  test("generates, whole and streamed", async () => {
    const whole = await ollama.generate({ model: "tiny", prompt: "hi" });
    expect(whole).toMatchObject({ model: "tiny", response: EIGHT, done: true, done_reason: "stop" });
    expect(whole.context.length).toBe(whole.prompt_eval_count + whole.eval_count);
    const lines = await collect(
      await ollama.generate({ model: "Tiny", prompt: "hi", stream: true, options: { num_predict: 3 } }),
    );
    expect(lines.map((l) => l.response)).toEqual(["tok0 ", "tok1 ", "tok2 ", ""]);
    expect(lines.at(-1)).toMatchObject({ model: "Tiny", done: true, done_reason: "length", eval_count: 3 });
    expect(standIn.loaded()).toEqual(["tiny:latest"]);
    const unloaded = await ollama.generate({ model: "tiny", prompt: "", keep_alive: 0 });
    expect(unloaded.done_reason).toBe("unload");
    expect(standIn.loaded()).toEqual([]);
  });

  test("chats, whole and streamed, and calls a tool once", async () => {
    const whole = await ollama.chat({
      model: "tiny",
      messages: [{ ...MESSAGES[0], role: "user", content: "x", images: ["aGk="] }],
    });
    expect(whole.message).toEqual({ role: "assistant", content: EIGHT });
    const lines = await collect(await ollama.chat({ model: "tiny", messages: MESSAGES, stream: true }));
    expect(lines.map((l) => l.message.content).join("")).toBe(EIGHT);
    const call = await ollama.chat({ model: "tiny", messages: MESSAGES, tools: [TOOL] });
    expect(call.message.tool_calls?.[0]?.function).toMatchObject({
      name: "weather",
      arguments: { city: "tok0" },
    });
    const streamed = await collect(
      await ollama.chat({ model: "tiny", messages: MESSAGES, tools: [TOOL], stream: true }),
    );
    expect(streamed.flatMap((l) => l.message.tool_calls ?? [])).toHaveLength(1);
    const result = [...MESSAGES, call.message, { role: "tool", content: "rain" }];
    const after = await ollama.chat({ model: "tiny", messages: result, tools: [TOOL] });
    expect(after.message.content).toBe(EIGHT);
  });

  test("embeds", async () => {
    const both = await ollama.embed({ model: "nomic-embed-text", input: ["a", "b"] });
    expect(both.embeddings).toHaveLength(2);
    const old = await ollama.embeddings({ model: "nomic-embed-text", prompt: "a" });
    expect(old.embedding).toEqual(both.embeddings[0]);
    await expect(ollama.embed({ model: "tiny", input: "a" })).rejects.toMatchObject({ status_code: 501 });
  });

  test("pulls, copies, creates, pushes and deletes", async () => {
    const lines = await collect(await ollama.pull({ model: "new", stream: true }));
    expect(lines.at(0)?.status).toBe("pulling manifest");
    expect(lines.at(-1)?.status).toBe("success");
    expect(standIn.models()[0]).toBe("new:latest");
    await expect(async () => collect(await ollama.pull({ model: "missing", stream: true }))).rejects.toThrow(
      "pull model manifest: file does not exist",
    );
    await expect(ollama.pull({ model: "missing" })).rejects.toMatchObject({ status_code: 500 });
    await ollama.copy({ source: "new", destination: "me/copy:v1" });
    await ollama.create({ model: "made", from: "tiny" });
    await ollama.push({ model: "me/copy:v1" });
    await ollama.delete({ model: "new" });
    expect(standIn.models().sort()).toEqual([
      "made:latest",
      "me/copy:v1",
      "nomic-embed-text:latest",
      "tiny:latest",
    ]);
  });

  test("aborts, and the slot is free at once", async () => {
    await start({ tokens: 1000, tokenDelayMs: 1000, numParallel: 1 });
    const stream = await ollama.generate({ model: "tiny", prompt: "hi", stream: true });
    for await (const line of stream) {
      expect(line.response).toBe("tok0 ");
      break;
    }
    const second = new Ollama({ host: standIn.url });
    const waiting = second.generate({ model: "tiny", prompt: "hi", options: { num_predict: 1 } });
    await standIn.waitFor((r) => r.id === 2 && r.model === "tiny");
    expect(standIn.inFlight()).toBe(2);
    stream.abort();
    expect((await waiting).response).toBe("tok0 ");
    const aborted = await standIn.waitFor((r) => r.state === "aborted");
    expect(aborted.abortedAt).toBeGreaterThan(aborted.startedAt);
    await standIn.waitFor((r) => r.id === 2 && r.state === "done");
    expect([standIn.inFlight(), standIn.maxInFlight()]).toEqual([0, 2]);
  });
});

describe("the OpenAI client", () => {
  test("chats, whole and streamed, with tools", async () => {
    const whole = await openai.chat.completions.create({ model: "tiny", messages: MESSAGES });
    expect(whole.choices[0]).toMatchObject({ message: { content: EIGHT }, finish_reason: "stop" });
    const chunks = await collect(
      await openai.chat.completions.create({
        model: "tiny",
        messages: MESSAGES,
        stream: true,
        max_tokens: 2,
        stream_options: { include_usage: true },
      }),
    );
    expect(chunks.map((c) => c.choices[0]?.delta.content ?? "").join("")).toBe("tok0 tok1 ");
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("length");
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(2);
    const stream = openai.chat.completions.stream({ model: "tiny", messages: MESSAGES, tools: [TOOL] });
    const message = await stream.finalMessage();
    expect(message.tool_calls?.[0]).toMatchObject({
      function: { name: "weather", arguments: '{"city":"tok0"}' },
    });
  });

  test("completes, embeds, lists and transcribes", async () => {
    const text = await openai.completions.create({ model: "tiny", prompt: "hi" });
    expect(text.choices[0]?.text).toBe(EIGHT);
    const parts = await collect(
      await openai.completions.create({ model: "tiny", prompt: "hi", stream: true }),
    );
    expect(parts.map((p) => p.choices[0]?.text).join("")).toBe(EIGHT);
    const create = { model: "nomic-embed-text", input: ["a", "b"] };
    const encoded = await openai.embeddings.create(create);
    const floats = await openai.embeddings.create({ ...create, encoding_format: "float" });
    expect(encoded.data.map((d) => d.embedding)).toEqual(floats.data.map((d) => d.embedding));
    expect((await collect(await openai.models.list())).map((m) => m.id)).toContain("tiny:latest");
    expect((await openai.models.retrieve("tiny")).id).toBe("tiny");
    const file = await toFile(Buffer.from("RIFF"), "a.wav");
    expect((await openai.audio.transcriptions.create({ model: "tiny", file })).text).toBe(EIGHT);
    expect(standIn.seen.at(-1)?.model).toBe("tiny");
  });

  test("uses the Responses API", async () => {
    const whole = await openai.responses.create({ model: "tiny", input: "hi" });
    expect(whole.output_text).toBe(EIGHT);
    const stream = openai.responses.stream({ model: "tiny", input: "hi", max_output_tokens: 3 });
    expect((await stream.finalResponse()).output_text).toBe("tok0 tok1 tok2 ");
    const tools = [{ type: "function" as const, strict: false, ...FUNCTION }];
    const called = await openai.responses.stream({ model: "tiny", input: "hi", tools }).finalResponse();
    expect(called.output[0]).toMatchObject({ type: "function_call", name: "weather" });
  });

  test("understands errors and compressed requests", async () => {
    const nope = openai.chat.completions.create({ model: "nope", messages: MESSAGES });
    await expect(nope).rejects.toMatchObject({ status: 404, type: "not_found_error" });
    const body = zstdCompressSync(JSON.stringify({ model: "tiny", messages: MESSAGES }));
    const headers = { "Content-Encoding": "zstd" };
    const url = `${standIn.url}/v1/chat/completions`;
    expect((await fetch(url, { method: "POST", headers, body })).status).toBe(200);
    const bomb = zstdCompressSync(Buffer.alloc(21 * 1024 * 1024, 32));
    expect((await fetch(url, { method: "POST", headers, body: bomb })).status).toBe(400);
  });
});

describe("the Anthropic client", () => {
  const create = { model: "tiny", max_tokens: 3, messages: MESSAGES };

  test("writes messages, whole and streamed, with tools", async () => {
    const whole = await anthropic.messages.create(create);
    expect(whole.content).toEqual([{ type: "text", text: "tok0 tok1 tok2 " }]);
    expect(whole.stop_reason).toBe("max_tokens");
    const message = await anthropic.messages.stream(create).finalMessage();
    expect(message.content).toMatchObject(whole.content);
    expect(message.usage).toEqual(whole.usage);
    const tools = [{ name: "weather", input_schema: PARAMETERS }];
    const called = await anthropic.messages.stream({ ...create, tools }).finalMessage();
    expect(called.content).toMatchObject([{ type: "tool_use", name: "weather", input: { city: "tok0" } }]);
    expect(called.stop_reason).toBe("tool_use");
  });

  test("understands errors", async () => {
    const nope = anthropic.messages.create({ ...create, model: "nope" });
    await expect(nope).rejects.toMatchObject({ status: 404, error: { error: { type: "not_found_error" } } });
  });
});

describe("plain HTTP", () => {
  test("words each refusal as Ollama does", async () => {
    const cases: [string, unknown, number, string][] = [
      ["/api/chat", { model: "x" }, 404, "model 'x' not found"],
      ["/api/chat", {}, 400, "model is required"],
      ["/api/generate", {}, 404, "model '' not found"],
      ["/api/show", { model: "x" }, 404, "model 'x:latest' not found"],
      ["/api/embeddings", { model: "x" }, 404, 'model "x" not found, try pulling it first'],
      ["/api/copy", { source: "x", destination: "y" }, 404, 'model "x" not found'],
      [
        "/api/generate",
        { model: "nomic-embed-text", prompt: "a" },
        400,
        '"nomic-embed-text" does not support generate',
      ],
    ];
    for (const [path, body, status, error] of cases) {
      const answer = await post(path, body);
      expect([path, answer.status, await answer.json()]).toEqual([path, status, { error }]);
    }
    const empty = await fetch(`${standIn.url}/api/chat`, { method: "POST" });
    expect([empty.status, await empty.json()]).toEqual([400, { error: "missing request body" }]);
    expect(await (await post("/api/me", {})).json()).toMatchObject({ signin_url: expect.any(String) });
  });

  test("answers unknown paths, wrong methods and foreign origins", async () => {
    const unknown = await fetch(`${standIn.url}/api/tokenize`);
    expect([unknown.status, await unknown.text()]).toEqual([404, "404 page not found"]);
    const wrong = await fetch(`${standIn.url}/api/chat`);
    expect([wrong.status, await wrong.text()]).toEqual([405, "405 method not allowed"]);
    const foreign = await fetch(`${standIn.url}/api/tags`, { headers: { Origin: "https://example.com" } });
    expect([foreign.status, await foreign.text()]).toEqual([403, ""]);
    const rebound = request(`${standIn.url}/api/tags`, { headers: { Host: "example.com" } }).end();
    const [answer] = await once(rebound, "response");
    expect(answer.statusCode).toBe(403);
    answer.resume();
    expect((await fetch(`${standIn.url}/api/tags`, { method: "HEAD" })).status).toBe(200);
    expect(await (await fetch(standIn.url)).text()).toBe("Ollama is running");
  });

  test("an old version lacks the younger routes and fields", async () => {
    await start({ version: "0.12.0" });
    expect((await post("/v1/messages", {})).status).toBe(404);
    expect((await ollama.list()).models[0]).not.toHaveProperty("capabilities");
  });

  test("takes blobs", async () => {
    const body = Buffer.alloc(3_000_000, 7);
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    const url = `${standIn.url}/api/blobs/${digest}`;
    expect((await fetch(url, { method: "HEAD" })).status).toBe(404);
    expect((await fetch(url, { method: "POST", body: "other" })).status).toBe(400);
    expect((await fetch(url, { method: "POST", body })).status).toBe(201);
    expect((await fetch(url, { method: "POST", body })).status).toBe(200);
    expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
    expect(
      (await post("/api/create", { model: "n", files: { "a.gguf": digest }, stream: false })).status,
    ).toBe(200);
  });

  test("finds the model in a body too big to parse", async () => {
    const images = ["A".repeat(30 * 1024 * 1024)];
    const early = await post("/api/generate", { model: "tiny", stream: false, prompt: "hi", images });
    expect(await early.json()).toMatchObject({ response: EIGHT });
    const late = await post("/api/generate", {
      images,
      options: { num_predict: 1 },
      stream: false,
      model: "tiny",
    });
    expect(await late.json()).toMatchObject({ response: "tok0 " });
    expect(standIn.seen.map((r) => [r.model, "body" in r])).toEqual([
      ["tiny", false],
      ["tiny", false],
    ]);
  });

  test("makes long lines and long answers on request", async () => {
    const steer = (stand_in: object, stream: boolean) =>
      post("/api/generate", { model: "tiny", prompt: "a", stream, options: { stand_in } });
    const context = (await (await steer({ context_bytes: 300_000 }, true)).text())
      .trimEnd()
      .split("\n")
      .at(-1);
    expect(context?.length).toBeGreaterThan(300_000);
    expect(context?.match(/"context":(\[[^\]]*\])/)?.[1]).toHaveLength(300_000);
    for (const stream of [true, false]) {
      const bytes = (await (await steer({ total_bytes: 5_000_000 }, stream)).arrayBuffer()).byteLength;
      expect(bytes).toBeGreaterThanOrEqual(5_000_000);
      expect(bytes).toBeLessThan(5_500_000);
    }
    const big = await (await steer({ token_bytes: 1000 }, false)).json();
    expect(Buffer.byteLength(big.response)).toBe(8000);
  });

  test("waits for the reader of a long answer", async () => {
    const body = JSON.stringify({
      model: "tiny",
      prompt: "a",
      options: { stand_in: { total_bytes: 200_000_000 } },
    });
    const sent = request(`${standIn.url}/api/generate`, { method: "POST" });
    sent.end(body);
    const [answer] = await once(sent, "response");
    const before = process.memoryUsage().rss;
    let bytes = 0;
    let most = 0;
    for await (const chunk of answer) {
      bytes += chunk.length;
      most = Math.max(most, process.memoryUsage.rss());
    }
    expect(bytes).toBeGreaterThan(200_000_000);
    expect(most - before).toBeLessThan(150_000_000);
  });
});

describe("timing", () => {
  test("tokens keep to their schedule, loading comes first, slots are in order", async () => {
    await start({ tokens: 11, tokenDelayMs: 10, firstTokenDelayMs: 20, loadDelayMs: 50, numParallel: 1 });
    const started = performance.now();
    const [first] = await Promise.all([
      ollama.generate({ model: "tiny", prompt: "a" }),
      ollama.generate({ model: "tiny", prompt: "b" }),
    ]);
    const elapsed = performance.now() - started;
    expect(elapsed).toBeGreaterThanOrEqual(50 + 2 * (20 + 100) - 5);
    expect(first.load_duration).toBeGreaterThan(45e6);
  });

  test("a machine with room for one model loads again what had to leave", async () => {
    await start({ models: ["one", "two"], maxLoaded: 1 });
    for (const model of ["one", "one", "two", "one"]) await ollama.generate({ model, prompt: "a" });
    expect(standIn.loaded()).toEqual(["one:latest"]);
    const stats: unknown = await (await fetch(`${standIn.url}/__stand_in/stats`)).json();
    expect(stats).toMatchObject({ loads: 3 });
  });

  test("many streams share one timer", async () => {
    await start({ tokens: 10, tokenDelayMs: 20 });
    const started = performance.now();
    const answers = Array.from({ length: 50 }, () =>
      post("/api/generate", { model: "tiny", prompt: "a" }).then((r) => r.text()),
    );
    for (const text of await Promise.all(answers)) expect(text.trimEnd().split("\n")).toHaveLength(11);
    expect(performance.now() - started).toBeGreaterThanOrEqual(175);
    expect(standIn.maxInFlight()).toBe(50);
  });
});

describe("faults", () => {
  const generate = () => post("/api/generate", { model: "tiny", prompt: "a" });

  test("cut, crash, status, slow and raw", async () => {
    standIn.misbehave({ kind: "cut", afterBytes: 100 });
    const cut = await generate();
    const reader = cut.body?.getReader();
    let bytes = 0;
    await expect(async () => {
      for (;;) {
        const part = await reader?.read();
        if (part === undefined || part.done) return;
        bytes += part.value.length;
      }
    }).rejects.toThrow();
    expect(bytes).toBe(100);
    standIn.misbehave({ kind: "crash" });
    await expect(generate()).rejects.toThrow("fetch failed");
    standIn.misbehave({ kind: "status", status: 503, body: '{"error":"server busy"}' }, { times: 2 });
    expect((await generate()).status).toBe(503);
    expect((await fetch(`${standIn.url}/api/tags`)).status).toBe(200);
    await expect(ollama.generate({ model: "tiny", prompt: "a" })).rejects.toThrow("server busy");
    standIn.misbehave({ kind: "slow", delayMs: 30 }, { path: "/api/version" });
    const started = performance.now();
    await ollama.version();
    expect(performance.now() - started).toBeGreaterThanOrEqual(28);
    standIn.misbehave({
      kind: "raw",
      status: 201,
      headers: { "X-A": "b" },
      chunks: ["a", { delayMs: 1 }, Buffer.from("b")],
    });
    const raw = await generate();
    expect([raw.status, raw.headers.get("x-a"), await raw.text()]).toEqual([201, "b", "ab"]);
    expect((await generate()).status).toBe(200);
    expect(standIn.seen.filter((r) => r.state === "aborted")).toEqual([]);
  });

  test("never answers, until the client leaves", async () => {
    standIn.misbehave({ kind: "never" }, { path: "/api/chat", times: Number.POSITIVE_INFINITY });
    const controller = new AbortController();
    const body = JSON.stringify({ model: "tiny", messages: MESSAGES });
    const answer = fetch(`${standIn.url}/api/chat`, { method: "POST", body, signal: controller.signal });
    await standIn.waitFor((r) => r.model === "tiny");
    controller.abort();
    await expect(answer).rejects.toThrow();
    await standIn.waitFor((r) => r.state === "aborted");
  });

  test("hangs and goes on", async () => {
    const release = standIn.hang();
    const answer = ollama.version();
    const seen = await standIn.waitFor((r) => r.url === "/api/version");
    expect(seen.state).toBe("running");
    release();
    expect(await answer).toEqual({ version: "0.33.0" });
  });

  test("refuses and listens again", async () => {
    const listen = await standIn.refuse();
    await expect(ollama.version()).rejects.toThrow("fetch failed");
    await listen();
    expect((await ollama.version()).version).toBe("0.33.0");
    await expect(standIn.waitFor((r) => r.url === "/nowhere", 1)).rejects.toThrow("GET /api/version");
    standIn.clear();
    expect(standIn.seen).toEqual([]);
  });
});
