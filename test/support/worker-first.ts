import { readFileSync } from "node:fs";

/** The paths that wrangler.toml gives to the Worker before the web app's files. */
export function workerFirstPatterns(): string[] {
  const config = readFileSync(new URL("../../wrangler.toml", import.meta.url), "utf8");
  const [, list = ""] = /run_worker_first = \[([^\]]*)\]/.exec(config) ?? [];
  return [...list.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
}
