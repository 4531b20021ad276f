import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { makeKey } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import type { StandInOllama } from "../support/ollama/stand-in.ts";

const EIGHT = "tok0 tok1 tok2 tok3 tok4é tok5 tok6 tok7 ";
const MESSAGES = [{ role: "user" as const, content: "Why is the sky blue?" }];
const FUNCTION = {
  name: "weather",
  description: "The weather",
  parameters: { type: "object", properties: { city: { type: "string" } } },
};
const TOOL = { type: "function" as const, function: FUNCTION };
const IMAGE = "data:image/png;base64,iVBORw0KGgo=";

describe.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("the openai client against the coordinator on %s", (_, startHost) => {
  let fleet: Fleet;
  let ollama: StandInOllama;
  let client: OpenAI;
  let direct: OpenAI;

  beforeAll(async () => {
    fleet = await startFleet(startHost, {
      name: "box",
      ollama: { models: ["tiny", "library-of/own:v1", "nomic-embed-text"] },
      flags: ["--max-concurrency", "4"],
    });
    ollama = fleet.machine("box").ollama;
    client = clientWith(fleet.key);
    direct = new OpenAI({ baseURL: `${ollama.url}/v1`, apiKey: "none", maxRetries: 0 });
  });
  afterAll(() => fleet.stop());
  beforeEach(() => ollama.clear());

  const clientWith = (apiKey: string): OpenAI =>
    new OpenAI({ baseURL: `${fleet.host.url}/v1`, apiKey, maxRetries: 0, logLevel: "off" });

  test("lists the models and finds one by its name as Ollama does", async () => {
    const mine = await client.models.list();
    expect(mine.data).toEqual((await direct.models.list()).data);
    expect(mine.data.map((model) => model.id)).toContain("tiny:latest");
    expect(await client.models.retrieve("tiny:latest")).toMatchObject({
      id: "tiny:latest",
      object: "model",
      owned_by: "library",
    });
    // The client encodes the slash.
    expect(await client.models.retrieve("library-of/own:v1")).toMatchObject({ id: "library-of/own:v1" });
  });

  test("chats, whole", async () => {
    const answer = await client.chat.completions.create({
      model: "tiny",
      messages: MESSAGES,
      temperature: 0,
    });
    expect(answer.choices[0]?.message.content).toBe(EIGHT);
    expect(answer.choices[0]?.finish_reason).toBe("stop");
    expect(answer.usage?.completion_tokens).toBe(8);
    expect(ollama.seen.at(-1)?.body).toEqual({ model: "tiny", messages: MESSAGES, temperature: 0 });
  });

  test("chats, streamed, with usage at the end", async () => {
    const stream = await client.chat.completions.create({
      model: "tiny",
      messages: MESSAGES,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await collect(stream);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(EIGHT);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(8);
  });

  test("completes a text, whole and streamed", async () => {
    const answer = await client.completions.create({ model: "tiny", prompt: "hi" });
    expect(answer.choices[0]?.text).toBe(EIGHT);
    const stream = await client.completions.create({ model: "tiny", prompt: "hi", stream: true });
    expect((await collect(stream)).map((chunk) => chunk.choices[0]?.text ?? "").join("")).toBe(EIGHT);
  });

  test("uses the Responses API, whole and streamed", async () => {
    const answer = await client.responses.create({ model: "tiny", input: "hi" });
    expect(answer.output_text).toBe(EIGHT);
    const events = await collect(await client.responses.create({ model: "tiny", input: "hi", stream: true }));
    expect(events.at(0)?.type).toBe("response.created");
    expect(events.at(-1)?.type).toBe("response.completed");
    const text = events.map((event) => (event.type === "response.output_text.delta" ? event.delta : ""));
    expect(text.join("")).toBe(EIGHT);
  });

  test("embeds, in the encoding that the client asks for by itself", async () => {
    const request = { model: "nomic-embed-text", input: ["one", "two"] };
    expect((await client.embeddings.create(request)).data).toEqual(
      (await direct.embeddings.create(request)).data,
    );
  });

  test("calls a tool, streamed and not, and gives its result back", async () => {
    const answer = await client.chat.completions.create({ model: "tiny", messages: MESSAGES, tools: [TOOL] });
    const message = answer.choices[0]?.message;
    const call = message?.tool_calls?.[0];
    if (message === undefined || call?.type !== "function") throw new Error("there is no call");
    expect(call.function).toEqual({ name: "weather", arguments: '{"city":"tok0"}' });
    const result = { role: "tool" as const, tool_call_id: call.id, content: "rain" };
    const next = await client.chat.completions.create({
      model: "tiny",
      messages: [...MESSAGES, message, result],
      tools: [TOOL],
    });
    expect(next.choices[0]?.message.content).toBe(EIGHT);
    const stream = await client.chat.completions.create({
      model: "tiny",
      messages: MESSAGES,
      tools: [TOOL],
      stream: true,
    });
    const calls = (await collect(stream)).flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    expect(calls[0]?.function?.name).toBe("weather");
  });

  test("sends images in the body, unchanged", async () => {
    const content = [
      { type: "text" as const, text: "What is this?" },
      { type: "image_url" as const, image_url: { url: IMAGE } },
    ];
    await client.chat.completions.create({ model: "tiny", messages: [{ role: "user", content }] });
    expect(ollama.seen.at(-1)?.body).toMatchObject({ messages: [{ content }] });
  });

  test("transcribes: the model is found in a multipart form, before the file or behind it", async () => {
    const sound = Buffer.alloc(300_000, 7);
    const answer = await client.audio.transcriptions.create({
      model: "tiny",
      file: await toFile(sound, "speech.wav"),
    });
    expect(answer.text).toBe(EIGHT);
    for (const order of [
      ["file", "model"],
      ["model", "file"],
    ]) {
      const form = new FormData();
      for (const name of order) {
        if (name === "model") form.set("model", "tiny");
        else form.set("file", new Blob([sound]), "speech.wav");
      }
      const response = await fetch(`${fleet.host.url}/v1/audio/transcriptions`, {
        method: "POST",
        headers: { authorization: `Bearer ${fleet.key}` },
        body: form,
      });
      expect([order, response.status, await response.json()]).toEqual([order, 200, { text: EIGHT }]);
      expect(ollama.seen.at(-1)?.bodyBytes).toBeGreaterThan(sound.length);
    }
  });

  test("abort is a stop at the machine", async () => {
    const stream = await client.chat.completions.create({
      model: "tiny",
      messages: MESSAGES,
      stream: true,
      max_tokens: 100_000,
      ...{ stand_in: { token_delay_ms: 20 } },
    });
    for await (const _chunk of stream) break;
    stream.controller.abort();
    const seen = await ollama.waitFor((request) => request.state !== "running");
    expect(seen.state).toBe("aborted");
  });

  test("an unknown model is a NotFoundError with OpenAI's fields", async () => {
    const unknown = { model: "nope", messages: MESSAGES };
    await expect(client.chat.completions.create(unknown)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(client.chat.completions.create({ ...unknown, stream: true })).rejects.toMatchObject({
      status: 404,
      error: {
        message: "model 'nope' not found",
        type: "not_found_error",
        param: null,
        code: "model_not_found",
      },
    });
    await expect(client.models.retrieve("nope")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  test("an error of Ollama itself arrives with its status and its words", async () => {
    await expect(
      client.chat.completions.create({ model: "nomic-embed-text", messages: MESSAGES }),
    ).rejects.toMatchObject({
      status: 400,
      error: {
        message: '"nomic-embed-text" does not support chat',
        type: "invalid_request_error",
        code: null,
      },
    });
  });

  test("a stream that Ollama cuts is an error, not a short answer", async () => {
    const request = { model: "tiny", messages: MESSAGES, stream: true } as const;
    const whole = await (
      await direct.chat.completions.create({ ...request, max_tokens: 3 }).asResponse()
    ).text();
    // Two events, and a bit of the third: the client cannot but stumble over that one.
    const event = whole.indexOf("\n\n", whole.indexOf("\n\n") + 2) + 2;
    ollama.misbehave({ kind: "cut", afterBytes: event });
    await expect(collect(await client.chat.completions.create(request))).rejects.toMatchObject({
      code: "ollama_cut",
      message: "the machine's Ollama ended its answer early",
    });
    ollama.misbehave({ kind: "cut", afterBytes: event + 30 });
    await expect(collect(await client.chat.completions.create(request))).rejects.toThrow();
  });

  test("a wrong key is an AuthenticationError, a narrow one a PermissionDeniedError", async () => {
    await expect(clientWith("wrong").models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    const { key } = await makeKey(fleet.host, { models: ["nomic-*"] });
    const refused = clientWith(key).chat.completions.create({ model: "tiny", messages: MESSAGES });
    await expect(refused).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError);
    await expect(refused).rejects.toMatchObject({ code: "forbidden", type: "permission_error" });
  });

  test("a body without a model is a BadRequestError", async () => {
    await expect(client.chat.completions.create({ model: "", messages: MESSAGES })).rejects.toBeInstanceOf(
      OpenAI.BadRequestError,
    );
  });
});

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of stream) all.push(part);
  return all;
}
