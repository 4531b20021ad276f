import { Lexer, type Token, type TokensList } from "marked";

/** Characters of one paragraph. Some text costs the square of its length to look through: 40 KB of `_a_a_a…` take a second. */
const MOST_INLINE = 6_000;

/** Deeper than this nothing is marked up: a page of a thousand levels is slow, and nobody's text. */
export const DEEPEST = 24;

/** Marked's own, which leaves the marks in what is too long or too deep as they stand. */
export class BoundedLexer extends Lexer {
  #depth = 0;

  constructor() {
    super({ gfm: true, breaks: true });
  }

  override blockTokens(source: string, tokens?: Token[], lastParagraphClipped?: boolean): Token[];
  override blockTokens(source: string, tokens?: TokensList, lastParagraphClipped?: boolean): TokensList;
  override blockTokens(source: string, tokens: Token[] = [], lastParagraphClipped = false): Token[] {
    if (this.#depth > DEEPEST) {
      tokens.push({ type: "text", raw: source, text: source });
      return tokens;
    }
    this.#depth++;
    try {
      return super.blockTokens(source, tokens, lastParagraphClipped);
    } finally {
      this.#depth--;
    }
  }

  override inline(source: string, tokens: Token[] = []): Token[] {
    if (source.length <= MOST_INLINE) return super.inline(source, tokens);
    tokens.push({ type: "text", raw: source, text: source });
    return tokens;
  }
}
