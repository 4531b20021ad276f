/** Marks that turn the direction of the text around them, and characters that are not seen: shown as their number. */
const UNSEEN = /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
const MOST_CHARS = 300;

/** A name as it may be shown: what would hide or turn itself is written out, and what has no end gets one. */
export function harmless(text: string, most = MOST_CHARS): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(UNSEEN, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
  });
}
