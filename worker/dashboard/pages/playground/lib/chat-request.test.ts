import { expect, test } from "vitest";
import { type Chat, DEFAULTS, DIALECTS, type Parameters } from "./chat.ts";
import { chatRequest, unsayable } from "./chat-request.ts";

const PICTURE = { name: "cat.png", type: "image/png", base64: "aGk=", bytes: 2 } as const;
const ALL: Parameters = {
  system: "Be kind.",
  temperature: 0,
  topP: 0.9,
  numCtx: 8192,
  maxTokens: 100,
  seed: 0,
  think: false,
  json: true,
};

const chat = (change: Partial<Chat> = {}): Chat => ({
  model: "qwen3:8b",
  agent: undefined,
  messages: [{ role: "user", text: "hi", pictures: [] }],
  parameters: DEFAULTS,
  ...change,
});

const PLAIN = { messages: [{ role: "user", content: "hi" }], model: "qwen3:8b", stream: true };

test("what is not set is not sent, so that the defaults of Ollama hold", () => {
  expect(chatRequest("ollama", chat())).toEqual({
    path: "/api/chat",
    headers: { "content-type": "application/json" },
    body: PLAIN,
  });
  expect(chatRequest("openai", chat())).toMatchObject({
    path: "/v1/chat/completions",
    body: { ...PLAIN, stream_options: { include_usage: true } },
  });
  expect(chatRequest("anthropic", chat())).toMatchObject({
    path: "/v1/messages",
    body: { ...PLAIN, max_tokens: 4096 },
  });
});

test("every parameter reaches Ollama, zero and no included", () => {
  expect(chatRequest("ollama", chat({ parameters: ALL })).body).toEqual({
    model: "qwen3:8b",
    options: { temperature: 0, top_p: 0.9, num_ctx: 8192, num_predict: 100, seed: 0 },
    think: false,
    format: "json",
    messages: [
      { role: "system", content: "Be kind." },
      { role: "user", content: "hi" },
    ],
    stream: true,
  });
  expect(unsayable("ollama", ALL)).toEqual([]);
});

test("the coordinator finds the model before the conversation", () => {
  for (const dialect of DIALECTS) expect(Object.keys(chatRequest(dialect, chat()).body)[0]).toBe("model");
  const keys = Object.keys(chatRequest("ollama", chat({ parameters: ALL })).body);
  expect(keys.indexOf("options")).toBeLessThan(keys.indexOf("messages"));
});

test("the other dialects carry what they have words for, and it is known what they have not", () => {
  expect(chatRequest("openai", chat({ parameters: ALL })).body).toMatchObject({
    messages: [{ role: "system", content: "Be kind." }, PLAIN.messages[0]],
    temperature: 0,
    top_p: 0.9,
    max_tokens: 100,
    seed: 0,
    reasoning_effort: "none",
    response_format: { type: "json_object" },
  });
  expect(chatRequest("anthropic", chat({ parameters: ALL })).body).toMatchObject({
    system: "Be kind.",
    temperature: 0,
    max_tokens: 100,
    thinking: { type: "disabled" },
  });
  expect(unsayable("openai", ALL)).toEqual(["numCtx"]);
  expect(unsayable("anthropic", ALL)).toEqual(["numCtx", "seed", "json"]);
  expect(unsayable("anthropic", DEFAULTS)).toEqual([]);
});

test("a model that is to think may do so with half of its tokens", () => {
  const body = (maxTokens: number | undefined) =>
    chatRequest("anthropic", chat({ parameters: { ...DEFAULTS, think: true, maxTokens } })).body;
  expect(body(undefined).thinking).toEqual({ type: "enabled", budget_tokens: 2048 });
  expect(body(10).thinking).toEqual({ type: "enabled", budget_tokens: 1024 });
  expect(chatRequest("ollama", chat({ parameters: { ...DEFAULTS, think: true } })).body.think).toBe(true);
});

test("a picture goes with the prompt it belongs to, in each dialect's own way", () => {
  const messages = [
    { role: "user", text: "what is it?", pictures: [PICTURE] },
    { role: "assistant", text: "a cat" },
    { role: "user", text: "", pictures: [PICTURE] },
  ] as const;
  const sent = DIALECTS.map((dialect) => chatRequest(dialect, chat({ messages })).body.messages);
  expect(sent[0]).toEqual([
    { role: "user", content: "what is it?", images: ["aGk="] },
    { role: "assistant", content: "a cat" },
    { role: "user", content: "", images: ["aGk="] },
  ]);
  const url = { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } };
  expect(sent[1]).toEqual([
    { role: "user", content: [url, { type: "text", text: "what is it?" }] },
    { role: "assistant", content: "a cat" },
    { role: "user", content: [url] },
  ]);
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } };
  expect(sent[2]).toEqual([
    { role: "user", content: [image, { type: "text", text: "what is it?" }] },
    { role: "assistant", content: "a cat" },
    { role: "user", content: [image] },
  ]);
});

test.each([
  ["attic", "attic"],
  ["Studio Mac", "Studio Mac"],
  ["屋根裏", "id-1"],
  ["café", "id-1"],
])("a machine called %s is pinned by what a header can carry", (name, said) => {
  const { headers } = chatRequest("ollama", chat({ agent: { id: "id-1", name } }));
  expect(headers["x-agent"]).toBe(said);
});
