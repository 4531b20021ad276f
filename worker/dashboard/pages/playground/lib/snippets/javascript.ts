import type { Chat } from "../chat.ts";
import { agentHeader } from "../chat-request.ts";
import { hasPictures, requestWithHoles } from "./body.ts";
import { type Language, literal } from "./literal.ts";
import { quoted } from "./quote.ts";

const JAVASCRIPT: Language = {
  true: "true",
  false: "false",
  null: "null",
  comma: ",",
  key: (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)),
  hole: ({ picture, prefix }) => {
    const base64 = `readFileSync(${quoted(picture.name)}, "base64")`;
    return prefix === "" ? base64 : `${quoted(prefix)} + ${base64}`;
  },
};

export function javascriptOllama(baseUrl: string, chat: Chat): string {
  const call = literal(JAVASCRIPT, requestWithHoles("ollama", chat).body);
  const pinned = chat.agent === undefined ? "" : `, "X-Agent": ${quoted(agentHeader(chat.agent))}`;
  return `${files(chat)}import { Ollama } from "ollama";

const client = new Ollama({
  host: ${quoted(baseUrl)},
  headers: { Authorization: "Bearer " + process.env.OLLAMA_API_KEY${pinned} },
});
const stream = await client.chat(${call});
for await (const part of stream) process.stdout.write(part.message.content);
`;
}

export function javascriptOpenai(baseUrl: string, chat: Chat): string {
  const call = literal(JAVASCRIPT, requestWithHoles("openai", chat).body);
  const pinned =
    chat.agent === undefined ? "" : `\n  defaultHeaders: { "X-Agent": ${quoted(agentHeader(chat.agent))} },`;
  return `${files(chat)}import OpenAI from "openai";

const client = new OpenAI({
  baseURL: ${quoted(`${baseUrl}/v1`)},
  apiKey: process.env.OLLAMA_API_KEY,${pinned}
});
const stream = await client.chat.completions.create(${call});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? "");
`;
}

const files = (chat: Chat): string => (hasPictures(chat) ? `import { readFileSync } from "node:fs";\n` : "");
