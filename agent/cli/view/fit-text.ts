/** What takes no cell of its own: marks on a letter, joiners, variation selectors. */
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** East Asian wide forms and emoji, which take two. */
const WIDE =
  /^[\u{1100}-\u{115f}\u{2e80}-\u{303e}\u{3041}-\u{33ff}\u{3400}-\u{4dbf}\u{4e00}-\u{9fff}\u{a000}-\u{a4cf}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

/** Names come from other people's machines: none of them may move the cursor, colour the terminal or turn its text around. */
export function cleanText(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "");
}

/** Cells of a terminal. */
export function cellWidth(text: string): number {
  let cells = 0;
  for (const char of text) cells += cellsOf(char);
  return cells;
}

/** The text in at most so many cells, with an ellipsis where some is missing. */
export function fitText(text: string, cells: number): string {
  if (cellWidth(text) <= cells) return text;
  let kept = "";
  let used = 0;
  for (const char of text) {
    const width = cellsOf(char);
    if (used + width > cells - 1) break;
    kept += char;
    used += width;
  }
  return cells < 1 ? "" : `${kept.trimEnd()}…`;
}

function cellsOf(char: string): number {
  return ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
}
