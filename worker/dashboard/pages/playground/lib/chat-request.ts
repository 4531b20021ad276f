import type { Chat, ChatMessage, Dialect, Machine, Parameters, Picture } from "./chat.ts";

export interface ChatRequest {
  path: string;
  /** Besides what proves who asks. */
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** Anthropic's API does not let a request go without a limit. */
const ANTHROPIC_MAX_TOKENS = 4_096;
/** The least that Anthropic's API takes for thinking. */
const LEAST_THINKING = 1_024;

const PATHS: Record<Dialect, string> = {
  ollama: "/api/chat",
  openai: "/v1/chat/completions",
  anthropic: "/v1/messages",
};

/** What a dialect has no word for: it cannot be asked for there. */
const UNSAYABLE: Record<Dialect, readonly (keyof Parameters)[]> = {
  ollama: [],
  openai: ["numCtx"],
  anthropic: ["numCtx", "seed", "json"],
};

/** The streaming request for a chat in one of the dialects. */
export function chatRequest(dialect: Dialect, chat: Chat): ChatRequest {
  return {
    path: PATHS[dialect],
    headers: {
      "content-type": "application/json",
      ...(chat.agent === undefined ? {} : { "x-agent": agentHeader(chat.agent) }),
    },
    body: BODIES[dialect](chat),
  };
}

/** Of the parameters that are set, those that the dialect cannot carry. */
export function unsayable(dialect: Dialect, parameters: Parameters): (keyof Parameters)[] {
  return UNSAYABLE[dialect].filter((name) => parameters[name] !== undefined && parameters[name] !== false);
}

/** Fields without those that are not set, so that Ollama's defaults hold. */
function set(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** What `X-Agent` says: the name where a header can carry it, since names may be in any script. */
export const agentHeader = ({ id, name }: Machine): string =>
  /^[\x21-\x7e][\x20-\x7e]*$/.test(name) ? name : id;

const BODIES: Record<Dialect, (chat: Chat) => Record<string, unknown>> = {
  ollama: ({ model, messages, parameters }) => {
    const { system, temperature, topP, numCtx, maxTokens, seed, think, json } = parameters;
    const options = set({
      temperature,
      top_p: topP,
      num_ctx: numCtx,
      num_predict: maxTokens,
      seed,
    });
    return set({
      // First, so that the coordinator need not read on to know where this goes.
      model,
      options: Object.keys(options).length === 0 ? undefined : options,
      think,
      format: json ? "json" : undefined,
      messages: withSystem(system, messages, ollamaMessage),
      stream: true,
    });
  },
  openai: ({ model, messages, parameters }) => {
    const { system, temperature, topP, maxTokens, seed, think, json } = parameters;
    return set({
      model,
      messages: withSystem(system, messages, openaiMessage),
      temperature,
      top_p: topP,
      max_tokens: maxTokens,
      seed,
      // A model that can think does so unless it is told not to.
      reasoning_effort: think === false ? "none" : undefined,
      response_format: json ? { type: "json_object" } : undefined,
      stream: true,
      stream_options: { include_usage: true },
    });
  },
  anthropic: ({ model, messages, parameters }) => {
    const { system, temperature, topP, maxTokens = ANTHROPIC_MAX_TOKENS, think } = parameters;
    return set({
      model,
      max_tokens: maxTokens,
      system: system === "" ? undefined : system,
      messages: messages.map(anthropicMessage),
      temperature,
      top_p: topP,
      thinking: think === undefined ? undefined : thinking(think, maxTokens),
      stream: true,
    });
  },
};

function thinking(on: boolean, maxTokens: number): object {
  if (!on) return { type: "disabled" };
  return { type: "enabled", budget_tokens: Math.max(LEAST_THINKING, Math.floor(maxTokens / 2)) };
}

function withSystem(
  system: string,
  messages: readonly ChatMessage[],
  convert: (message: ChatMessage) => object,
): object[] {
  const first = system === "" ? [] : [{ role: "system", content: system }];
  return [...first, ...messages.map(convert)];
}

function ollamaMessage(message: ChatMessage): object {
  const pictures = picturesOf(message);
  const content = { role: message.role, content: message.text };
  return pictures.length === 0 ? content : { ...content, images: pictures.map(({ base64 }) => base64) };
}

function openaiMessage(message: ChatMessage): object {
  const pictures = picturesOf(message);
  if (pictures.length === 0) return { role: message.role, content: message.text };
  const shown = pictures.map((picture) => ({ type: "image_url", image_url: { url: dataUrl(picture) } }));
  return { role: message.role, content: [...shown, ...textPart(message.text)] };
}

function anthropicMessage(message: ChatMessage): object {
  const pictures = picturesOf(message);
  if (pictures.length === 0) return { role: message.role, content: message.text };
  const shown = pictures.map(({ type, base64 }) => ({
    type: "image",
    source: { type: "base64", media_type: type, data: base64 },
  }));
  return { role: message.role, content: [...shown, ...textPart(message.text)] };
}

/** An empty text part is refused by Anthropic's API. */
const textPart = (text: string): object[] => (text === "" ? [] : [{ type: "text", text }]);

const picturesOf = (message: ChatMessage): readonly Picture[] =>
  message.role === "user" ? message.pictures : [];

export const dataUrl = ({ type, base64 }: Picture): string => `data:${type};base64,${base64}`;
