import { Agent, request } from "node:http";

/** Where requests go: an Ollama directly, or a coordinator with a key. */
export interface Target {
  url: string;
  key?: string;
}

export interface Load {
  /** Connections that stay open. */
  connections: Agent;
  target: Target;
}

export function loadOf(target: Target, connections: number): Load {
  return { target, connections: new Agent({ keepAlive: true, maxSockets: connections }) };
}

export interface Timing {
  /** From sending to the first byte of the body, ms. */
  firstByteMs: number;
  /** From sending to the end, ms. */
  totalMs: number;
  /** Arrival of each chunk after the start, ms, with its tokens. */
  arrivals: { atMs: number; lines: number }[];
  status: number;
  bytes: number;
}

/** One POST; rejects when the answer is cut. */
export function post(load: Load, path: string, body: object): Promise<Timing> {
  const text = JSON.stringify(body);
  const url = new URL(load.target.url + path);
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const timing: Timing = { firstByteMs: 0, totalMs: 0, arrivals: [], status: 0, bytes: 0 };
    const outgoing = request(
      url,
      {
        method: "POST",
        agent: load.connections,
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(text),
          // Compression is a property of Miniflare's front, not of what is measured.
          "accept-encoding": "identity",
          ...(load.target.key === undefined ? {} : { authorization: `Bearer ${load.target.key}` }),
        },
      },
      (incoming) => {
        timing.status = incoming.statusCode ?? 0;
        incoming.on("data", (chunk: Buffer) => {
          const atMs = performance.now() - startMs;
          if (timing.bytes === 0) timing.firstByteMs = atMs;
          timing.bytes += chunk.length;
          timing.arrivals.push({ atMs, lines: countLines(chunk) });
        });
        incoming.on("end", () => {
          timing.totalMs = performance.now() - startMs;
          resolve(timing);
        });
        incoming.on("error", reject);
        incoming.on("aborted", () => reject(new Error("the answer was cut")));
      },
    );
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}

function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  return lines;
}

/** The value below which `share` of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
