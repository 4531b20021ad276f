import type { Links, Token } from "marked";
import { blocks, noItems } from "./blocks.ts";
import { BoundedLexer } from "./bounded-lexer.ts";
import type { Block } from "./tree.ts";

/**
 * Blocks at the end of a text that grows which what comes next may still change. One would do, but for a list: its next
 * item looks like a paragraph of its own until the sign behind its number has come.
 */
const UNSETTLED = 2;

/** Markdown that grows, read again only where it may still change: at its end. */
export class MarkdownReader {
  #text = "";
  /** Characters that the settled blocks are made of. */
  #settledTo = 0;
  #settled: Block[] = [];
  /** Definitions that stand in the settled part. */
  #links: Links = {};
  #items = noItems();

  /**
   * Blocks of the text so far. Those that have not changed since the last call are the same objects.
   * @param whole all of it; what does not continue the text before is a new one
   * @param complete nothing will follow: what is defined at the end now holds at the beginning, too
   */
  read(whole: string, complete: boolean): Block[] {
    const text = whole.includes("\r") ? whole.replace(/\r\n?/g, "\n") : whole;
    if (complete || !text.startsWith(this.#text)) this.#restart();
    this.#text = text;
    const rest = text.slice(this.#settledTo);
    const tokens = this.#lex(rest);
    if (tokens === undefined) return [...this.#settled, { kind: "paragraph", children: [rest] }];
    // What is defined at the end may mean something else now in items that were known.
    if (complete) return blocks(tokens, noItems());
    this.#items = { last: this.#items.next, next: new Map() };
    const settled = settledPart(tokens);
    const raw = settled.map((token) => token.raw).join("");
    if (!rest.startsWith(raw)) return [...this.#settled, ...blocks(tokens, this.#items)];
    this.#settled = [...this.#settled, ...blocks(settled, this.#items)];
    this.#settledTo += raw.length;
    return [...this.#settled, ...blocks(tokens.slice(settled.length), this.#items)];
  }

  #restart(): void {
    this.#settledTo = 0;
    this.#settled = [];
    this.#links = {};
    this.#items = noItems();
  }

  /** Undefined: it is nested so deeply that there is no end to it. */
  #lex(text: string): Token[] | undefined {
    const lexer = new BoundedLexer();
    Object.assign(lexer.tokens.links, this.#links);
    try {
      const tokens = lexer.lex(text);
      this.#links = { ...tokens.links };
      return tokens;
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }
}

/** Those before the last ones, with the empty lines behind them. */
function settledPart(tokens: readonly Token[]): Token[] {
  let left = UNSETTLED;
  let end = tokens.length;
  while (end > 0 && left > 0) {
    end--;
    if (tokens[end]?.type !== "space") left--;
  }
  return left > 0 ? [] : tokens.slice(0, end);
}
