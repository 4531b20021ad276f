type Pair = [name: string, value: string];

/**
 * Headers of a request that reach Ollama. All others stay here: an `Origin` makes Ollama answer 403, and keys and cookies
 * are none of its business.
 */
const REQUEST = new Set(["content-type", "content-encoding", "accept", "user-agent"]);

/** Headers of an answer that leave this machine. */
const RESPONSE = new Set([
  "content-type",
  "content-length",
  "content-encoding",
  "cache-control",
  "retry-after",
]);

const VALUE_CHARS = 4_096;
/** What node:http would throw on. */
const ILLEGAL = /[^\t\x20-\x7e\x80-\xff]/;

/** The flat list that node:http takes as it is, with the body's framing: a length, or -1 for one of unknown length. */
export function requestHeaders(
  host: string,
  method: string,
  given: readonly Pair[],
  length: number,
): string[] {
  const headers = ["Host", host];
  for (const [name, value] of given) {
    const lower = name.toLowerCase();
    if (REQUEST.has(lower) && value.length <= VALUE_CHARS && !ILLEGAL.test(value)) headers.push(lower, value);
  }
  if (length > 0 || (length === 0 && method === "POST")) headers.push("Content-Length", String(length));
  else if (length < 0) headers.push("Transfer-Encoding", "chunked");
  return headers;
}

/** From the raw list of node:http; of a header that comes twice the first counts. */
export function responseHeaders(raw: readonly string[]): Pair[] {
  const headers: Pair[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? "";
    const value = raw[at + 1] ?? "";
    if (!RESPONSE.has(name) || value.length > VALUE_CHARS) continue;
    if (!headers.some(([seen]) => seen === name)) headers.push([name, value]);
  }
  return headers;
}
