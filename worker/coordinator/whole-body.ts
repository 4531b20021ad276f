import type { ByteSource } from "./client-side.ts";

/**
 * All of a body, if it has at most `most` bytes; what is longer is cancelled.
 * @returns undefined for one that is longer
 * @throws when the client stops in the middle of it
 */
export async function readWhole(body: ByteSource, most: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let chunk = await body.read(); chunk !== null; chunk = await body.read()) {
    length += chunk.length;
    if (length > most) {
      body.cancel();
      return undefined;
    }
    chunks.push(chunk);
  }
  return concat(chunks, length);
}

export function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
