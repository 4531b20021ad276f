import type { IncomingMessage } from "node:http";

const START_BYTES = 64 * 1024;

/** The beginning of an answer's body: enough for any answer of a coordinator, and no more of anyone else's. */
export async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk);
    length += chunk.length;
    if (length > START_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Undefined for what is not JSON: the schema that reads it refuses both alike. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
