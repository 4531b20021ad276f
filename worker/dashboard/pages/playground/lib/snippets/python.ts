import type { Chat } from "../chat.ts";
import { agentHeader } from "../chat-request.ts";
import { hasPictures, requestWithHoles } from "./body.ts";
import { type Language, literal } from "./literal.ts";
import { quoted } from "./quote.ts";

const PYTHON: Language = {
  true: "True",
  false: "False",
  null: "None",
  comma: ",",
  key: quoted,
  hole: ({ picture, prefix }) => {
    const bytes = `open(${quoted(picture.name)}, "rb").read()`;
    // The ollama package makes base64 of bytes itself.
    return prefix === "" ? bytes : `${quoted(prefix)} + b64encode(${bytes}).decode()`;
  },
};

export function pythonOllama(baseUrl: string, chat: Chat): string {
  const { body } = requestWithHoles("ollama", chat);
  const pinned = chat.agent === undefined ? "" : `, "X-Agent": ${quoted(agentHeader(chat.agent))}`;
  return `import os
from ollama import Client

client = Client(
  host=${quoted(baseUrl)},
  headers={"Authorization": "Bearer " + os.environ["OLLAMA_API_KEY"]${pinned}},
)
for part in client.chat(
${named(body)}):
  print(part.message.content or "", end="", flush=True)
`;
}

export function pythonOpenai(baseUrl: string, chat: Chat): string {
  const { body } = requestWithHoles("openai", chat);
  const pinned =
    chat.agent === undefined ? "" : `\n  default_headers={"X-Agent": ${quoted(agentHeader(chat.agent))}},`;
  const imports = hasPictures(chat) ? "import os\nfrom base64 import b64encode" : "import os";
  return `${imports}
from openai import OpenAI

client = OpenAI(
  base_url=${quoted(`${baseUrl}/v1`)},
  api_key=os.environ["OLLAMA_API_KEY"],${pinned}
)
for chunk in client.chat.completions.create(
${named(body)}):
  if chunk.choices:
    print(chunk.choices[0].delta.content or "", end="", flush=True)
`;
}

/** Named arguments, one a line. */
function named(body: Record<string, unknown>): string {
  return Object.entries(body)
    .map(([name, value]) => `  ${name}=${literal(PYTHON, value, "  ")},\n`)
    .join("");
}
