import type { MarkedToken, Token } from "marked";
import { DEEPEST } from "./bounded-lexer.ts";
import { withoutEntities } from "./entities.ts";
import { safeLink } from "./safe-link.ts";
import type { Inline } from "./tree.ts";

/** Marked's tokens within a paragraph. */
export function inlines(tokens: readonly Token[] | undefined, depth: number): Inline[] {
  const made: Inline[] = [];
  for (const token of tokens ?? []) {
    for (const inline of inlineOf(token as MarkedToken, depth + 1)) {
      const last = made.at(-1);
      // One text node for what is one text.
      if (typeof inline === "string" && typeof last === "string") made[made.length - 1] = last + inline;
      else made.push(inline);
    }
  }
  return made;
}

/** @param token of marked's own kinds: there are no extensions here */
function inlineOf(token: MarkedToken, depth: number): Inline[] {
  if (depth > DEEPEST) return [token.raw];
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return [{ kind: token.type, children: inlines(token.tokens, depth) }];
    case "codespan":
      return [{ kind: "code", text: token.text }];
    case "br":
      return [{ kind: "break" }];
    case "checkbox":
      return [{ kind: "check", checked: token.checked }];
    case "link": {
      const children = inlines(token.tokens, depth);
      return link(token.autolink === true ? token.href : withoutEntities(token.href), children);
    }
    case "image": {
      // A picture would tell its server who reads this, and when.
      const alt = withoutEntities(token.text);
      return link(withoutEntities(token.href), [alt === "" ? token.href : alt]);
    }
    case "html":
      return /^<br\s*\/?>$/i.test(token.raw) ? [{ kind: "break" }] : [token.raw];
    case "escape":
      return [token.text];
    case "text":
      return token.tokens === undefined ? [withoutEntities(token.text)] : inlines(token.tokens, depth);
    default:
      return [token.raw];
  }
}

function link(href: string, children: Inline[]): Inline[] {
  const safe = safeLink(href);
  return safe === undefined ? children : [{ kind: "link", href: safe, children }];
}
