import { Ollama } from "ollama";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { makeKey } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import type { StandInOllama } from "../support/ollama/stand-in.ts";

const EIGHT = "tok0 tok1 tok2 tok3 tok4é tok5 tok6 tok7 ";
const MESSAGES = [{ role: "user", content: "Why is the sky blue?" }];
const PIXEL = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const TOOL = {
  type: "function",
  function: {
    name: "weather",
    description: "The weather",
    parameters: { type: "object", properties: { city: { type: "string" } } },
  },
};

describe.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("the ollama client against the coordinator on %s", (_, startHost) => {
  let fleet: Fleet;
  let ollama: StandInOllama;
  let client: Ollama;

  beforeAll(async () => {
    fleet = await startFleet(startHost, {
      name: "box",
      ollama: { models: ["tiny", "nomic-embed-text"], version: "0.33.0" },
      flags: ["--max-concurrency", "4"],
    });
    ollama = fleet.machine("box").ollama;
  });
  afterAll(() => fleet.stop());
  beforeEach(() => {
    ollama.clear();
    client = clientWith({ Authorization: `Bearer ${fleet.key}` });
  });

  const clientWith = (headers: Record<string, string>, path = ""): Ollama =>
    new Ollama({ host: fleet.host.url + path, headers });
  /** What the machine itself says, for comparison. */
  const direct = (): Ollama => new Ollama({ host: ollama.url });

  test("lists the machine's models with every field that Ollama gives", async () => {
    expect(await client.list()).toEqual(await direct().list());
  });

  test("shows a model as the machine shows it", async () => {
    expect(await client.show({ model: "tiny" })).toEqual(await direct().show({ model: "tiny" }));
  });

  test("says Ollama's version", async () => {
    expect(await client.version()).toEqual({ version: "0.33.0" });
  });

  test("sees a model that was loaded through it", async () => {
    await client.chat({ model: "tiny", messages: MESSAGES });
    await expect
      .poll(async () => (await client.ps()).models.map((model) => model.name), { timeout: 20_000 })
      .toContain("tiny:latest");
  });

  test("chats, whole", async () => {
    const answer = await client.chat({ model: "tiny", messages: MESSAGES, options: { seed: 7 } });
    expect(answer).toMatchObject({
      model: "tiny",
      message: { role: "assistant", content: EIGHT },
      done: true,
      done_reason: "stop",
    });
    expect(answer.eval_duration).toBeGreaterThan(0);
    expect(ollama.seen.at(-1)?.body).toEqual({
      model: "tiny",
      messages: MESSAGES,
      options: { seed: 7 },
      stream: false,
    });
  });

  test("chats, streamed: a part for each token and one that says it is done", async () => {
    const parts = await collect(await client.chat({ model: "tiny", messages: MESSAGES, stream: true }));
    expect(parts.map((part) => part.message.content).join("")).toBe(EIGHT);
    expect(parts.length).toBe(9);
    expect(parts.at(-1)).toMatchObject({ done: true, done_reason: "stop" });
  });

  test("generates, whole and streamed", async () => {
    const whole = await client.generate({ model: "TINY:Latest", prompt: "hi" });
    expect(whole).toMatchObject({ model: "TINY:Latest", response: EIGHT, done: true });
    expect(whole.context.length).toBe(whole.prompt_eval_count + whole.eval_count);
    const parts = await collect(await client.generate({ model: "tiny", prompt: "hi", stream: true }));
    expect(parts.map((part) => part.response).join("")).toBe(EIGHT);
    expect(parts.at(-1)?.context.length).toBeGreaterThan(0);
  });

  test("loads and unloads a model with an empty prompt", async () => {
    expect(await client.generate({ model: "tiny", prompt: "" })).toMatchObject({ done_reason: "load" });
    expect(ollama.loaded()).toEqual(["tiny:latest"]);
    const gone = await client.generate({ model: "tiny", prompt: "", keep_alive: 0 });
    expect(gone).toMatchObject({ done_reason: "unload" });
    expect(ollama.loaded()).toEqual([]);
  });

  test("embeds by the new route and by the old one", async () => {
    const request = { model: "nomic-embed-text", input: ["one", "two"] };
    const { embeddings } = await client.embed(request);
    expect(embeddings).toEqual((await direct().embed(request)).embeddings);
    const old = { model: "nomic-embed-text", prompt: "one" };
    expect(await client.embeddings(old)).toEqual(await direct().embeddings(old));
  });

  test("calls a tool and gives its result back", async () => {
    const call = await client.chat({ model: "tiny", messages: MESSAGES, tools: [TOOL] });
    expect(call.message.tool_calls?.[0]?.function).toMatchObject({
      name: "weather",
      arguments: { city: "tok0" },
    });
    const messages = [...MESSAGES, call.message, { role: "tool", content: "rain", tool_name: "weather" }];
    const answer = await client.chat({ model: "tiny", messages, tools: [TOOL] });
    expect(answer.message.content).toBe(EIGHT);
    expect(ollama.seen.at(-1)?.body).toMatchObject({ messages, tools: [TOOL] });
  });

  test("calls a tool in a stream", async () => {
    const parts = await collect(
      await client.chat({ model: "tiny", messages: MESSAGES, tools: [TOOL], stream: true }),
    );
    expect(parts.flatMap((part) => part.message.tool_calls ?? []).length).toBe(1);
  });

  test("sends images in the body, unchanged", async () => {
    const messages = [{ role: "user", content: "What is this?", images: [PIXEL] }];
    const answer = await client.chat({ model: "tiny", messages });
    expect(answer.message.content).toBe(EIGHT);
    expect(ollama.seen.at(-1)?.body).toMatchObject({
      messages: [{ images: [PIXEL.toString("base64")] }],
    });
    await client.generate({ model: "tiny", prompt: "What is this?", images: [PIXEL] });
    expect(ollama.seen.at(-1)?.body).toMatchObject({ images: [PIXEL.toString("base64")] });
  });

  test("abort of a stream is a stop at the machine", async () => {
    const stream = await client.chat({
      model: "tiny",
      messages: MESSAGES,
      stream: true,
      options: steering({ num_predict: 100_000, stand_in: { token_delay_ms: 20 } }),
    });
    const read = (async () => {
      for await (const part of stream) if (part.message.content !== "") stream.abort();
    })();
    await expect(read).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
    const seen = await ollama.waitFor(
      (request) => request.url === "/api/chat" && request.state !== "running",
    );
    expect(seen.state).toBe("aborted");
  });

  test("an unknown model is Ollama's own 404", async () => {
    for (const ask of [
      () => client.chat({ model: "nope", messages: MESSAGES }),
      () => client.chat({ model: "nope", messages: MESSAGES, stream: true }),
      () => client.generate({ model: "nope", prompt: "hi" }),
      () => client.embed({ model: "nope", input: "hi" }),
    ]) {
      await expect(ask()).rejects.toMatchObject({
        name: "ResponseError",
        status_code: 404,
        error: "model 'nope' not found",
      });
    }
  });

  test("an error of Ollama itself arrives with its status and its words", async () => {
    await expect(client.chat({ model: "nomic-embed-text", messages: MESSAGES })).rejects.toMatchObject({
      status_code: 400,
      error: '"nomic-embed-text" does not support chat',
    });
    await expect(client.embed({ model: "tiny", input: "hi" })).rejects.toMatchObject({
      status_code: 501,
      error: "this model does not support embeddings",
    });
  });

  test("an error in mid-stream is thrown with its words", async () => {
    ollama.misbehave({
      kind: "raw",
      headers: { "content-type": "application/x-ndjson" },
      chunks: [
        '{"model":"tiny","message":{"role":"assistant","content":"a"},"done":false}\n',
        '{"error":"an error was encountered while running the model"}\n',
      ],
    });
    const stream = await client.chat({ model: "tiny", messages: MESSAGES, stream: true });
    await expect(collect(stream)).rejects.toThrow("an error was encountered while running the model");
  });

  test("a stream that Ollama cuts is an error, not a short answer", async () => {
    // The client complains of the half line before it reads on.
    vi.spyOn(console, "warn").mockImplementation(() => {});
    ollama.misbehave({ kind: "cut", afterBytes: 300 });
    const stream = await client.chat({ model: "tiny", messages: MESSAGES, stream: true });
    await expect(collect(stream)).rejects.toThrow("the machine's Ollama ended its answer early");
    vi.restoreAllMocks();
  });

  test("a wrong key, and a model that a key may not use, are errors that the client can read", async () => {
    const wrong = clientWith({ Authorization: "Bearer wrong" });
    await expect(wrong.list()).rejects.toMatchObject({
      status_code: 401,
      error: expect.stringContaining("key"),
    });
    const { key } = await makeKey(fleet.host, { permissions: ["infer"], models: ["nomic-*"] });
    const narrow = clientWith({ Authorization: `Bearer ${key}` });
    await expect(narrow.chat({ model: "tiny", messages: MESSAGES })).rejects.toMatchObject({
      status_code: 403,
      error: "the key may not use model 'tiny'",
    });
    expect((await narrow.list()).models.map((model) => model.name)).toEqual(["nomic-embed-text:latest"]);
    await expect(narrow.pull({ model: "other" })).rejects.toMatchObject({ status_code: 403 });
  });

  test("a key in the host's path is as good as one in a header", async () => {
    const byPath = clientWith({}, `/k/${fleet.key}`);
    expect((await byPath.list()).models.length).toBe(2);
    const parts = await collect(await byPath.chat({ model: "tiny", messages: MESSAGES, stream: true }));
    expect(parts.map((part) => part.message.content).join("")).toBe(EIGHT);
    expect(ollama.seen.at(-1)?.url).toBe("/api/chat");
  });

  test("what would use the machine owner's account is refused", async () => {
    await expect(client.push({ model: "tiny" })).rejects.toMatchObject({ status_code: 403 });
    await expect(client.chat({ model: "gpt-oss:120b-cloud", messages: MESSAGES })).rejects.toMatchObject({
      status_code: 403,
    });
  });
});

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of stream) all.push(part);
  return all;
}

/** The stand-in's own options travel among Ollama's; the client's type knows only Ollama's. */
function steering(options: { num_predict: number; stand_in: object }): { num_predict: number } {
  return options;
}
