import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

const DEFAULT_PORT = 11_434;
/** What Ollama does when nothing is set (envconfig/config.go). */
const DEFAULT_PARALLEL = 1;
const MOST = 1_024;

/**
 * OLLAMA_NUM_PARALLEL of the Ollama that listens at `ollamaUrl`, where its process can be looked at: Linux tells it to the same
 * user and to root. Never rejects; undefined where it cannot be told.
 * @param proc where the system shows its processes
 */
export async function visibleParallel(ollamaUrl: string, proc = "/proc"): Promise<number | undefined> {
  const url = new URL(ollamaUrl);
  // Of an Ollama on another machine nothing is seen here.
  if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)) return undefined;
  const port = url.port === "" ? 80 : Number(url.port);
  for (const environment of await serversIn(proc)) {
    if (portOf(environment.get("OLLAMA_HOST")) === port) {
      return parallelOf(environment.get("OLLAMA_NUM_PARALLEL"));
    }
  }
  return undefined;
}

/** Environments of all `ollama serve` that may be read. */
async function serversIn(proc: string): Promise<Map<string, string>[]> {
  const found: Map<string, string>[] = [];
  const entries = await readdir(proc).catch(() => []);
  for (const entry of entries.filter((name) => /^\d+$/.test(name))) {
    try {
      const [program = "", ...args] = split(await readFile(join(proc, entry, "cmdline"), "utf8"));
      if (basename(program) !== "ollama" || !args.includes("serve")) continue;
      const variables = split(await readFile(join(proc, entry, "environ"), "utf8"));
      found.push(new Map(variables.map((each) => cut(each))));
    } catch {
      // Ended meanwhile, or another user's.
    }
  }
  return found;
}

const split = (text: string): string[] => text.split("\0").filter((part) => part !== "");

function cut(variable: string): [name: string, value: string] {
  const at = variable.indexOf("=");
  return [variable.slice(0, at), variable.slice(at + 1)];
}

/** As Ollama reads it: with or without scheme, with or without port. */
function portOf(host: string | undefined): number {
  const text = (host ?? "").trim().replace(/^["']|["']$/g, "");
  const scheme = /^(https?):\/\//.exec(text)?.[1];
  const rest = text.replace(/^\w+:\/\//, "").replace(/\/.*$/, "");
  const port = /:(\d{1,5})$/.exec(rest)?.[1];
  if (port !== undefined) return Number(port);
  return scheme === "http" ? 80 : scheme === "https" ? 443 : DEFAULT_PORT;
}

function parallelOf(value: string | undefined): number | undefined {
  const text = value?.trim() ?? "";
  if (text === "") return DEFAULT_PARALLEL;
  const number = Number(text);
  return Number.isInteger(number) && number >= 1 && number <= MOST ? number : undefined;
}
