import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { Refusal } from "./errors.ts";
import type { SeenRequest } from "./types.ts";

const PARSED_BELOW = 1024 * 1024;
const SCANNED = 64 * 1024;
/** Ollama's own limit for decompressed bodies. */
const DECOMPRESSED = 20 * 1024 * 1024;
const decompress = promisify(zstdDecompress);

/** The whole text of a small body, or the two ends of a big one. */
export type Incoming = { whole: string } | { ends: string[] };

/** Keeps a small body, and of a big one no more than its ends. */
class Collector {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #head: string | undefined;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < PARSED_BELOW) return;
    this.#head ??= Buffer.concat(this.#chunks).toString("utf8", 0, SCANNED);
    for (;;) {
      const oldest = this.#chunks[0];
      if (oldest === undefined || this.#bytes - oldest.length < PARSED_BELOW) return;
      this.#bytes -= oldest.length;
      this.#chunks.shift();
    }
  }

  result(): Incoming {
    const only = this.#chunks[0];
    const whole = only !== undefined && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks);
    if (this.#head === undefined) return { whole: whole.toString("utf8") };
    return { ends: [this.#head, whole.toString("utf8", Math.max(0, whole.length - SCANNED))] };
  }
}

/** Notes the body's hash; to be called before it is read, so that the hash is there when the reader is done. */
export function hashBody(req: IncomingMessage, seen: SeenRequest): void {
  const hash = createHash("sha256");
  req.on("data", (chunk: Buffer) => hash.update(chunk));
  req.on("end", () => {
    seen.bodySha256 = hash.digest("hex");
  });
}

/** Does not resolve when the client leaves in the middle: nobody is there to answer. */
export function readBody(req: IncomingMessage, seen: SeenRequest): Promise<Incoming> {
  const collector = new Collector();
  return new Promise((resolve) => {
    req.on("data", (chunk: Buffer) => {
      seen.bodyBytes += chunk.length;
      collector.add(chunk);
    });
    req.on("end", () => resolve(collector.result()));
  });
}

/** Codex compresses its requests; only the /v1 inference routes of Ollama accept that. */
export async function readZstdBody(req: IncomingMessage, seen: SeenRequest): Promise<Incoming> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve) => {
    req.on("data", (chunk: Buffer) => {
      seen.bodyBytes += chunk.length;
      chunks.push(chunk);
    });
    req.on("end", resolve);
  });
  const collector = new Collector();
  try {
    collector.add(await decompress(Buffer.concat(chunks), { maxOutputLength: DECOMPRESSED }));
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    throw new Refusal(400, tooLarge ? "http: request body too large" : "failed to decompress zstd body");
  }
  return collector.result();
}
