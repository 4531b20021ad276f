/** The ways of asking that the playground offers. */
export const DIALECTS = ["ollama", "openai", "anthropic"] as const;
export type Dialect = (typeof DIALECTS)[number];

/** A picture that goes with a prompt. */
export interface Picture {
  /** As its file was called. */
  name: string;
  type: PictureType;
  base64: string;
  /** Of the file. */
  bytes: number;
}

/** What Ollama's vision models can read and every browser can show. */
export const PICTURE_TYPES = ["image/png", "image/jpeg", "image/webp"] as const;
export type PictureType = (typeof PICTURE_TYPES)[number];

export interface Prompt {
  text: string;
  pictures: readonly Picture[];
}

export type ChatMessage = ({ role: "user" } & Prompt) | { role: "assistant"; text: string };

/** Undefined, or the empty text: Ollama's own default holds. */
export interface Parameters {
  system: string;
  temperature: number | undefined;
  topP: number | undefined;
  /** Tokens that the model can look back on. */
  numCtx: number | undefined;
  /** Tokens of an answer. */
  maxTokens: number | undefined;
  seed: number | undefined;
  think: boolean | undefined;
  /** The answer is one JSON value. */
  json: boolean;
}

export const DEFAULTS: Parameters = {
  system: "",
  temperature: undefined,
  topP: undefined,
  numCtx: undefined,
  maxTokens: undefined,
  seed: undefined,
  think: undefined,
  json: false,
};

export interface Machine {
  id: string;
  name: string;
}

export interface Chat {
  model: string;
  /** The only machine that may answer; undefined: the coordinator chooses. */
  agent: Machine | undefined;
  messages: readonly ChatMessage[];
  parameters: Parameters;
}
