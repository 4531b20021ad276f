/**
 * One word for a POSIX shell: nothing in it is looked at. A zero byte cannot be in a word at all and is left out; half of a
 * surrogate pair has no UTF-8 and becomes U+FFFD.
 */
export function shellWord(text: string): string {
  const clean = text.replaceAll("\0", "").toWellFormed();
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(clean) ? clean : `'${clean.replaceAll("'", `'\\''`)}'`;
}

/** What the eye cannot see, or what turns the text around it: shown as an escape, so that a snippet reads as what it does. */
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** A string in double quotes that JSON, JavaScript and Python read alike. */
export function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    UNSEEN,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
