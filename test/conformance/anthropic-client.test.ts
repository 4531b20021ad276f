import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { makeKey } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import type { StandInOllama } from "../support/ollama/stand-in.ts";

const EIGHT = "tok0 tok1 tok2 tok3 tok4é tok5 tok6 tok7 ";
const MESSAGES = [{ role: "user" as const, content: "Why is the sky blue?" }];
const REQUEST = { model: "tiny", max_tokens: 8, messages: MESSAGES };
const TOOL = {
  name: "weather",
  description: "The weather",
  input_schema: { type: "object" as const, properties: { city: { type: "string" } } },
};

describe.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("the Anthropic client against the coordinator on %s", (_, startHost) => {
  let fleet: Fleet;
  let ollama: StandInOllama;
  let client: Anthropic;

  beforeAll(async () => {
    fleet = await startFleet(startHost, {
      name: "box",
      ollama: { models: ["tiny", "nomic-embed-text"] },
      flags: ["--max-concurrency", "4"],
    });
    ollama = fleet.machine("box").ollama;
    client = clientWith(fleet.key);
  });
  afterAll(() => fleet.stop());
  beforeEach(() => ollama.clear());

  /** Sends the key as `x-api-key`. */
  const clientWith = (apiKey: string): Anthropic =>
    new Anthropic({ baseURL: fleet.host.url, apiKey, maxRetries: 0 });

  test("answers, whole", async () => {
    const answer = await client.messages.create({ ...REQUEST, system: "Be brief." });
    expect(answer).toMatchObject({
      type: "message",
      role: "assistant",
      model: "tiny",
      content: [{ type: "text", text: EIGHT }],
      usage: { output_tokens: 8 },
    });
    expect(ollama.seen.at(-1)?.body).toEqual({ ...REQUEST, system: "Be brief." });
  });

  test("answers, streamed, with every event in its order", async () => {
    const events = await collect(await client.messages.create({ ...REQUEST, stream: true }));
    const kinds = events.map((event) => event.type);
    expect(kinds.slice(0, 2)).toEqual(["message_start", "content_block_start"]);
    expect(kinds.slice(-3)).toEqual(["content_block_stop", "message_delta", "message_stop"]);
    const message = await client.messages.stream(REQUEST).finalMessage();
    expect(message.content).toMatchObject([{ type: "text", text: EIGHT }]);
  });

  test("takes the key as a Bearer token, too", async () => {
    const bearer = new Anthropic({
      baseURL: fleet.host.url,
      apiKey: null,
      authToken: fleet.key,
      maxRetries: 0,
    });
    expect((await bearer.messages.create(REQUEST)).content).toMatchObject([{ text: EIGHT }]);
    const seen = ollama.seen.at(-1);
    expect(seen?.headers).not.toHaveProperty("authorization");
    expect(seen?.headers).not.toHaveProperty("x-api-key");
  });

  test("uses a tool, streamed and not, and gives its result back", async () => {
    const answer = await client.messages.create({ ...REQUEST, tools: [TOOL] });
    expect(answer.stop_reason).toBe("tool_use");
    const use = answer.content.find((block) => block.type === "tool_use");
    if (use === undefined) throw new Error("there is no use of a tool");
    expect(use).toMatchObject({ name: "weather", input: { city: "tok0" } });
    const result = { type: "tool_result" as const, tool_use_id: use.id, content: "rain" };
    const next = await client.messages.create({
      ...REQUEST,
      tools: [TOOL],
      messages: [
        ...MESSAGES,
        { role: "assistant", content: answer.content },
        { role: "user", content: [result] },
      ],
    });
    expect(next.content).toMatchObject([{ type: "text", text: EIGHT }]);
    const streamed = await client.messages.stream({ ...REQUEST, tools: [TOOL] }).finalMessage();
    expect(streamed.content.some((block) => block.type === "tool_use")).toBe(true);
  });

  test("sends images in the body, unchanged", async () => {
    const content = [
      {
        type: "image" as const,
        source: { type: "base64" as const, media_type: "image/png" as const, data: "iVBORw0KGgo=" },
      },
      { type: "text" as const, text: "What is this?" },
    ];
    await client.messages.create({ ...REQUEST, messages: [{ role: "user", content }] });
    expect(ollama.seen.at(-1)?.body).toMatchObject({ messages: [{ content }] });
  });

  test("abort is a stop at the machine", async () => {
    const stream = client.messages.stream({
      ...REQUEST,
      max_tokens: 100_000,
      ...{ stand_in: { token_delay_ms: 20 } },
    });
    const ended = expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    stream.on("text", () => stream.abort());
    await ended;
    const seen = await ollama.waitFor((request) => request.state !== "running");
    expect(seen.state).toBe("aborted");
  });

  test("an unknown model is a NotFoundError in Anthropic's shape", async () => {
    const refused = client.messages.create({ ...REQUEST, model: "nope" });
    await expect(refused).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    await expect(refused).rejects.toMatchObject({
      status: 404,
      error: {
        type: "error",
        error: { type: "not_found_error", message: "model 'nope' not found" },
        request_id: expect.any(String),
      },
    });
  });

  test("an error of Ollama itself arrives with its status and its words", async () => {
    await expect(client.messages.create({ ...REQUEST, max_tokens: 0 })).rejects.toMatchObject({
      status: 400,
      error: {
        error: { type: "invalid_request_error", message: "max_tokens is required and must be positive" },
      },
    });
  });

  test("a stream that Ollama cuts is an error, not a short answer", async () => {
    ollama.misbehave({ kind: "cut", afterBytes: 400 });
    const events = collect(await client.messages.create({ ...REQUEST, stream: true }));
    await expect(events).rejects.toThrow("the machine's Ollama ended its answer early");
  });

  test("a wrong key is an AuthenticationError, a narrow one a PermissionDeniedError", async () => {
    const wrong = clientWith("wrong").messages.create(REQUEST);
    await expect(wrong).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    await expect(wrong).rejects.toMatchObject({ error: { error: { type: "authentication_error" } } });
    const { key } = await makeKey(fleet.host, { models: ["nomic-*"] });
    const narrow = clientWith(key).messages.create(REQUEST);
    await expect(narrow).rejects.toBeInstanceOf(Anthropic.PermissionDeniedError);
    await expect(narrow).rejects.toMatchObject({ error: { error: { type: "permission_error" } } });
  });
});

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of stream) all.push(part);
  return all;
}
