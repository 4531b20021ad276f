import type { Chat, Parameters } from "../chat.ts";
import { shellWord } from "./quote.ts";

/** What the `ollama` program has no flag for. */
const NO_FLAG: readonly (keyof Parameters)[] = [
  "system",
  "temperature",
  "topP",
  "numCtx",
  "maxTokens",
  "seed",
];

export type NotInProgram = keyof Parameters | "history" | "agent";

/** The `ollama` program asking the last prompt: it cannot send headers, so the key goes into the address. */
export function program(baseUrl: string, { model, messages, parameters }: Chat): string {
  const prompt = messages.findLast((message) => message.role === "user");
  const pictures = prompt?.role === "user" ? prompt.pictures : [];
  const text = [prompt?.text ?? "", ...pictures.map(({ name }) => `./${name}`)].join(" ").trim();
  const flags = [
    ...(parameters.think === undefined ? [] : [`--think=${parameters.think}`]),
    ...(parameters.json ? ["--format json"] : []),
  ];
  const host = `OLLAMA_HOST=${shellWord(`${baseUrl}/k/`)}"$OLLAMA_API_KEY"`;
  // Behind the dashes nothing is a flag, however it begins.
  return [host, "ollama run", ...flags, "--", shellWord(model), shellWord(text)].join(" ");
}

/** Of what was done, that which the program cannot do. */
export function notInProgram({ messages, parameters, agent }: Chat): NotInProgram[] {
  const unset = (name: keyof Parameters): boolean =>
    parameters[name] === undefined || parameters[name] === "";
  return [
    ...NO_FLAG.filter((name) => !unset(name)),
    ...(messages.length > 1 ? (["history"] as const) : []),
    ...(agent === undefined ? [] : (["agent"] as const)),
  ];
}
