import { Lexer, type Token } from "marked";

/** Characters of one paragraph. Some text costs the square of its length to look through: 40 KB of `_a_a_a…` take a second. */
const MOST_INLINE = 6_000;

/** Marked's own, which leaves the marks in a paragraph that is too long as they stand. */
export class BoundedLexer extends Lexer {
  constructor() {
    super({ gfm: true, breaks: true });
  }

  override inline(source: string, tokens: Token[] = []): Token[] {
    if (source.length <= MOST_INLINE) return super.inline(source, tokens);
    tokens.push({ type: "text", raw: source, text: source });
    return tokens;
  }
}
