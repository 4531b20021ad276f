import type { Chat, Dialect } from "../chat.ts";
import { agentHeader } from "../chat-request.ts";
import { hasPictures, requestWithHoles } from "./body.ts";
import { type Language, literal, PictureHole } from "./literal.ts";
import { quoted, shellWord } from "./quote.ts";

/** A word of a command line may have 128 KiB on Linux. */
const MOST_WORD = 100_000;

const JSON_TEXT: Language = {
  true: "true",
  false: "false",
  null: "null",
  comma: "",
  key: quoted,
  hole: ({ prefix }) => quoted(prefix),
};

export function curl(baseUrl: string, dialect: Dialect, chat: Chat): string {
  const { path, body } = requestWithHoles(dialect, chat);
  const parts = hasPictures(chat) ? jsonParts(body) : [literal(JSON_TEXT, body)];
  const [only = ""] = parts;
  const short = parts.length === 1 && typeof only === "string" && only.length <= MOST_WORD ? only : undefined;
  const options = [
    `curl --no-buffer ${shellWord(baseUrl + path)}`,
    `-H "Authorization: Bearer $OLLAMA_API_KEY"`,
    `-H 'Content-Type: application/json'`,
    ...(chat.agent === undefined ? [] : [`-H ${shellWord(`X-Agent: ${agentHeader(chat.agent)}`)}`]),
    `--data-binary ${short === undefined ? "@-" : shellWord(short)}`,
  ].join(" \\\n  ");
  // Built in, printf takes words of any length.
  return short === undefined
    ? `{\n${parts.map((part) => `  ${shown(part)}\n`).join("")}} | ${options}`
    : options;
}

type Part = string | PictureHole;

const shown = (part: Part): string =>
  typeof part === "string"
    ? `printf '%s' ${shellWord(part)}`
    : `base64 < ${shellWord(part.picture.name)} | tr -d '\\n'`;

/** JSON as text with the pictures between. */
function jsonParts(value: unknown): Part[] {
  const parts: Part[] = [];
  const add = (text: string): void => {
    const last = parts.at(-1);
    if (typeof last === "string") parts[parts.length - 1] = last + text;
    else parts.push(text);
  };
  const all = (open: string, close: string, items: readonly (() => void)[]): void => {
    add(open);
    items.forEach((write, index) => {
      if (index > 0) add(",");
      write();
    });
    add(close);
  };
  const write = (item: unknown): void => {
    if (item instanceof PictureHole) {
      add(`"${item.prefix}`);
      parts.push(item);
      add('"');
    } else if (Array.isArray(item)) {
      all(
        "[",
        "]",
        item.map((element) => () => write(element)),
      );
    } else if (typeof item === "object" && item !== null) {
      const fields = Object.entries(item).map(([name, field]) => () => {
        add(`${quoted(name)}:`);
        write(field);
      });
      all("{", "}", fields);
    } else add(typeof item === "string" ? quoted(item) : JSON.stringify(item));
  };
  write(value);
  return parts;
}
