import { z } from "zod";

const block = z.looseObject({ type: z.string(), text: z.string().optional() });
const content = z.union([z.string(), z.array(block)]).nullish();
const messages = z.array(z.looseObject({ role: z.string(), content })).nullish();
const limit = z.number().nullish();
const common = {
  model: z.string().nullish(),
  stream: z.boolean().nullish(),
};

export const nativeBody = z.looseObject({
  ...common,
  name: z.string().nullish(),
  prompt: z.string().nullish(),
  messages,
  input: z.union([z.string(), z.array(z.string())]).nullish(),
  options: z.looseObject({ num_predict: limit }).nullish(),
  keep_alive: z.union([z.string(), z.number()]).nullish(),
});
export type NativeBody = z.infer<typeof nativeBody>;

export const openaiBody = z.looseObject({
  ...common,
  prompt: z.union([z.string(), z.array(z.string())]).nullish(),
  messages,
  max_tokens: limit,
  max_completion_tokens: limit,
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});
export type OpenaiBody = z.infer<typeof openaiBody>;

export const anthropicBody = z.looseObject({
  ...common,
  messages,
  max_tokens: limit,
});
export type AnthropicBody = z.infer<typeof anthropicBody>;

/** What the person said last: the part that the simulated answer quotes. */
export function lastText(list: z.infer<typeof messages>): string {
  const said = list?.findLast((message) => message.role === "user")?.content;
  if (typeof said === "string") return said;
  return said?.map((part) => part.text ?? "").join(" ") ?? "";
}

/** A limit below zero means "none" to Ollama. */
export function tokenLimit(...wishes: (number | null | undefined)[]): number | undefined {
  return wishes.find((wish): wish is number => typeof wish === "number" && wish >= 0);
}
