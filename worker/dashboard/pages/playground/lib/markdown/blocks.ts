import type { MarkedToken, Token, Tokens } from "marked";
import { DEEPEST } from "./bounded-lexer.ts";
import { inlines } from "./inlines.ts";
import type { Block } from "./tree.ts";

/** Items of lists by their text: a list without end grows by one item, and the others stay the objects that they were. */
export interface KnownItems {
  readonly last: ReadonlyMap<string, Block[]>;
  readonly next: Map<string, Block[]>;
}

export const noItems = (): KnownItems => ({ last: new Map(), next: new Map() });

/** Marked's tokens of whole blocks. */
export function blocks(tokens: readonly Token[], known: KnownItems, depth = 0): Block[] {
  return tokens.flatMap((token) => blockOf(token as MarkedToken, known, depth + 1));
}

/** @param token of marked's own kinds: there are no extensions here */
function blockOf(token: MarkedToken, known: KnownItems, depth: number): Block[] {
  if (depth > DEEPEST) return [{ kind: "paragraph", children: [token.raw] }];
  switch (token.type) {
    case "space":
    case "def":
      return [];
    case "heading":
      return [{ kind: "heading", level: token.depth, children: inlines(token.tokens, depth) }];
    case "paragraph":
      return [{ kind: "paragraph", children: inlines(token.tokens, depth) }];
    case "text":
      return [{ kind: "paragraph", children: inlines(token.tokens ?? [token], depth) }];
    case "checkbox":
      return [{ kind: "paragraph", children: inlines([token], depth) }];
    case "code":
      return [{ kind: "code", text: token.text, language: language(token.lang) }];
    case "blockquote":
      return [{ kind: "quote", blocks: blocks(token.tokens, known, depth) }];
    case "list":
      return [listOf(token, known, depth)];
    case "table":
      return [tableOf(token, depth)];
    case "hr":
      return [{ kind: "rule" }];
    case "html":
      return [{ kind: "paragraph", children: [token.raw.trimEnd()] }];
    default:
      return [{ kind: "paragraph", children: [token.raw] }];
  }
}

/** The first word behind the fence; it is shown, so it is kept short. */
const language = (info: string | undefined): string => /^\S{1,30}/.exec(info ?? "")?.[0] ?? "";

function listOf({ ordered, start, items }: Tokens.List, known: KnownItems, depth: number): Block {
  const first = typeof start === "number" ? start : 1;
  return {
    kind: "list",
    start: ordered ? first : undefined,
    items: items.map((item) => knownItem(item, known, depth)),
  };
}

function knownItem(item: Tokens.ListItem, known: KnownItems, depth: number): Block[] {
  const name = `${depth} ${item.raw}`;
  const made = known.next.get(name) ?? known.last.get(name) ?? itemOf(item, known, depth);
  known.next.set(name, made);
  return made;
}

/** A task's box stands beside its text as a token of its own. */
function itemOf({ tokens }: Tokens.ListItem, known: KnownItems, depth: number): Block[] {
  const [box, ...others] = blocks(tokens, known, depth);
  const [text, ...rest] = others;
  const isBox = tokens[0]?.type === "checkbox";
  if (!isBox || box?.kind !== "paragraph" || text?.kind !== "paragraph")
    return box === undefined ? [] : [box, ...others];
  return [{ kind: "paragraph", children: [...box.children, ...text.children] }, ...rest];
}

function tableOf({ align, header, rows }: Tokens.Table, depth: number): Block {
  const cells = (row: readonly Tokens.TableCell[]) => row.map(({ tokens }) => inlines(tokens, depth));
  return { kind: "table", align, header: cells(header), rows: rows.map(cells) };
}
