/**
 * The text of answers. It never needs escaping in JSON, so that formats may put it between two
 * constant strings instead of encoding an object for every token.
 */
const FILLER = "x".repeat(64 * 1024);

/** "tok0 ", "tok1 ", …; every fifth has a character of more than one byte. */
export function tokenText(k: number, bytes = 0): string {
  const odd = k % 5 === 4 ? (k % 10 === 4 ? "é" : "日") : "";
  const token = `tok${k}${odd} `;
  if (bytes === 0) return token;
  const missing = bytes - token.length - (odd === "é" ? 1 : odd === "日" ? 2 : 0);
  if (missing <= 0) return token;
  if (missing <= FILLER.length) return token + FILLER.slice(0, missing);
  return token + "x".repeat(missing);
}

/** The token numbers of generate's `context`, as JSON; `bytes` asks for a length. */
export function contextJson(tokens: number, bytes: number | undefined): string {
  if (bytes === undefined) return `[${Array.from({ length: tokens }, (_, k) => 1000 + k).join(",")}]`;
  const count = Math.max(1, Math.floor((bytes - 1) / 5));
  return `[${"1234,".repeat(count - 1)}${"1".repeat(Math.max(1, bytes - 2 - 5 * (count - 1)))}]`;
}

/** Go writes times with nanoseconds. */
export function goTime(ms: number = Date.now()): string {
  return `${new Date(ms).toISOString().slice(0, -1)}456789Z`;
}

export function nanoseconds(ms: number): number {
  return Math.max(1, Math.round(ms * 1e6));
}
