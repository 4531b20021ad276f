import type { Chat, Dialect } from "../chat.ts";
import { unsayable } from "../chat-request.ts";
import { curl } from "./curl.ts";
import { javascriptOllama, javascriptOpenai } from "./javascript.ts";
import { type NotInProgram, notInProgram, program } from "./program.ts";
import { pythonOllama, pythonOpenai } from "./python.ts";

export const SNIPPETS = [
  "curl",
  "python-ollama",
  "python-openai",
  "javascript-ollama",
  "javascript-openai",
  "program",
] as const;
export type SnippetId = (typeof SNIPPETS)[number];

export interface Snippet {
  code: string;
  /** Of what was done, that which it does not do. */
  missing: NotInProgram[];
}

/**
 * Code that asks for what was asked for here. It takes the key from the environment (`OLLAMA_API_KEY`): the session of the
 * dashboard is in none of them.
 * @param baseUrl of the coordinator, without a slash at its end
 */
export function snippet(id: SnippetId, baseUrl: string, dialect: Dialect, chat: Chat): Snippet {
  const { parameters } = chat;
  switch (id) {
    case "curl":
      return { code: curl(baseUrl, dialect, chat), missing: unsayable(dialect, parameters) };
    case "python-ollama":
      return { code: pythonOllama(baseUrl, chat), missing: [] };
    case "python-openai":
      return { code: pythonOpenai(baseUrl, chat), missing: unsayable("openai", parameters) };
    case "javascript-ollama":
      return { code: javascriptOllama(baseUrl, chat), missing: [] };
    case "javascript-openai":
      return { code: javascriptOpenai(baseUrl, chat), missing: unsayable("openai", parameters) };
    case "program":
      return { code: program(baseUrl, chat), missing: notInProgram(chat) };
  }
}
