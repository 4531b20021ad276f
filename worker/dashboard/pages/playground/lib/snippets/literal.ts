import type { Picture } from "../chat.ts";
import { quoted } from "./quote.ts";

/** Where a picture's base64 stands in a body: a snippet reads it from the file instead of carrying megabytes. */
export class PictureHole {
  readonly picture: Picture;
  /** Of a data URL; empty: the base64 alone. */
  readonly prefix: string;

  constructor(picture: Picture, prefix: string) {
    this.picture = picture;
    this.prefix = prefix;
  }
}

export interface Language {
  true: string;
  false: string;
  null: string;
  /** Behind the last of several lines. */
  comma: "," | "";
  key(name: string): string;
  hole(hole: PictureHole): string;
}

/** Longer than this, characters, and a value is written over several lines. */
const WIDTH = 80;

/** A value as source code. @param indent of the line that it stands in */
export function literal(language: Language, value: unknown, indent = ""): string {
  if (value instanceof PictureHole) return language.hole(value);
  if (Array.isArray(value)) {
    return bracketed(language, "[]", indent, (inner) => value.map((item) => literal(language, item, inner)));
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    return bracketed(language, "{}", indent, (inner) =>
      entries.map(([name, item]) => `${language.key(name)}: ${literal(language, item, inner)}`),
    );
  }
  if (typeof value === "string") return quoted(value);
  if (typeof value === "boolean") return value ? language.true : language.false;
  return typeof value === "number" && Number.isFinite(value) ? String(value) : language.null;
}

function bracketed(
  { comma }: Language,
  brackets: "[]" | "{}",
  indent: string,
  items: (inner: string) => string[],
): string {
  const [open, close] = brackets;
  const inner = `${indent}  `;
  const written = items(inner);
  if (written.length === 0) return brackets;
  const pad = brackets === "{}" ? " " : "";
  const short = `${open}${pad}${written.join(", ")}${pad}${close}`;
  if (short.length + indent.length <= WIDTH && !short.includes("\n")) return short;
  return `${open}\n${written.map((item) => inner + item).join(",\n")}${comma}\n${indent}${close}`;
}
