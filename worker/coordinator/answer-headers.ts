/**
 * What may come through from an agent's answer. An agent is a machine in somebody's home: it must not be able to set
 * cookies for the coordinator's origin, or to make a browser run a page there.
 */
const CONTENT_TYPES = new Set([
  "application/json",
  "application/x-ndjson",
  "text/event-stream",
  "text/plain",
  "text/vtt",
  "application/x-subrip",
  "application/octet-stream",
]);

const PASSED = new Set([
  "content-type",
  "content-length",
  "content-encoding",
  "cache-control",
  "retry-after",
]);

/** Sent with every answer of the client API. */
export const SAFETY_HEADERS: readonly [string, string][] = [
  ["x-content-type-options", "nosniff"],
  ["content-security-policy", "sandbox"],
];

/**
 * The agent's headers by allow-list; an unknown content type becomes bytes of no type. Of a header that comes twice the first
 * counts: two lengths would let an agent write the next answer on the client's connection.
 */
export function answerHeaders(headers: readonly (readonly [string, string])[]): [string, string][] {
  const passed = new Map<string, string>();
  for (const [rawName, value] of headers) {
    const name = rawName.toLowerCase();
    if (!PASSED.has(name) || passed.has(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) continue;
    if (name === "content-type" && !isHarmless(value)) passed.set(name, "application/octet-stream");
    else if (name !== "content-length" || /^\d{1,15}$/.test(value)) passed.set(name, value);
  }
  return [...passed];
}

/** Of several types in one value a browser takes the last. */
function isHarmless(contentType: string): boolean {
  const essence = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  return CONTENT_TYPES.has(essence) && !contentType.includes(",");
}
