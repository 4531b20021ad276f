import { createHash } from "node:crypto";
import { Refusal } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Handler } from "./inference.ts";

function digestOf(exchange: Exchange): string {
  const digest = exchange.path.slice("/api/blobs/".length).replace("-", ":");
  if (!/^sha256:[0-9a-f]{64}$/i.test(digest)) throw new Refusal(400, "invalid digest format");
  return digest.toLowerCase();
}

export const hasBlob: Handler = (machine, exchange) => {
  exchange.empty(machine.blobs.has(digestOf(exchange)) ? 200 : 404);
};

/** Gigabytes may come: only their hash is made, nothing is kept. */
export const putBlob: Handler = async (machine, exchange) => {
  const digest = digestOf(exchange);
  const exists = machine.blobs.has(digest);
  const hash = createHash("sha256");
  await new Promise<void>((resolve) => {
    exchange.req.on("data", (chunk: Buffer) => {
      exchange.seen.bodyBytes += chunk.length;
      if (!exists) hash.update(chunk);
    });
    exchange.req.on("end", resolve);
    exchange.whenGone(resolve);
  });
  if (exchange.gone) return;
  if (exists) return exchange.empty(200);
  const actual = `sha256:${hash.digest("hex")}`;
  if (actual !== digest) {
    throw new Refusal(
      400,
      `digest mismatch, expected ${JSON.stringify(digest)}, got ${JSON.stringify(actual)}`,
    );
  }
  machine.blobs.add(digest);
  exchange.empty(201);
};
