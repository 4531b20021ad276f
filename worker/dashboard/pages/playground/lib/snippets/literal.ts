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
  key(name: string): string;
  hole(hole: PictureHole): string;
}

/** Longer than this, characters, and a value is written over several lines. */
const WIDTH = 80;

/** A value as source code. @param indent of the line that it stands in */
export function literal(language: Language, value: unknown, indent = ""): string {
  if (value instanceof PictureHole) return language.hole(value);
  if (Array.isArray(value)) {
    return bracketed("[", "]", indent, (inner) => value.map((item) => literal(language, item, inner)));
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    return bracketed("{", "}", indent, (inner) =>
      entries.map(([name, item]) => `${language.key(name)}: ${literal(language, item, inner)}`),
    );
  }
  if (typeof value === "string") return quoted(value);
  if (typeof value === "boolean") return value ? language.true : language.false;
  return typeof value === "number" && Number.isFinite(value) ? String(value) : language.null;
}

function bracketed(open: string, close: string, indent: string, items: (inner: string) => string[]): string {
  const inner = `${indent}  `;
  const written = items(inner);
  const pad = open === "{" ? " " : "";
  const short = `${open}${pad}${written.join(", ")}${pad}${close}`;
  if (written.length === 0) return open + close;
  if (short.length + indent.length <= WIDTH && !short.includes("\n")) return short;
  return `${open}\n${written.map((item) => `${inner}${item},\n`).join("")}${indent}${close}`;
}
