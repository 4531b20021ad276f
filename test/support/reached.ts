import type { SeenRequest, StandInOllama } from "./ollama/stand-in.ts";

const POLLED = new Set(["/", "/api/version", "/api/tags", "/api/ps"]);

/** What reached an Ollama beside its agent's own polling. */
export function reached(ollama: StandInOllama): SeenRequest[] {
  return ollama.seen.filter(({ method, url }) => method !== "GET" || !POLLED.has(url));
}
