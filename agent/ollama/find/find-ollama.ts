import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import type { Clock } from "../../core/clock.ts";
import { binaryVersion } from "./binary-version.ts";
import { candidates, isDesktopApp, type Origin, type Place } from "./candidates.ts";
import { type OllamaHost, readOllamaHost } from "./ollama-host.ts";
import { type Probe, probeWith } from "./probe.ts";

export interface FindOptions extends Place {
  clock: Clock;
  /** Never taken for an Ollama: it answers as one. */
  coordinatorUrl?: string | undefined;
  probe?: Probe;
  versionOf?: (path: string) => Promise<string | undefined>;
}

export type Found =
  /** The user's own, to be attached to and left alone. */
  | { type: "server"; url: string; version: string }
  /** Installed and not running. */
  | { type: "binary"; path: string; version: string; origin: Origin }
  | { type: "none" };

/** Something where an Ollama was looked for; one line for a person. */
export interface Obstacle {
  url: string;
  problem: string;
}

export interface Finding {
  found: Found;
  obstacles: readonly Obstacle[];
}

const PROBE_MS = 2_000;

/**
 * The Ollama of this machine: a server that answers, else a program that could be one. Never rejects. What this agent itself left
 * running is found, too: clear that first (`clearOrphans`).
 */
export async function findOllama(options: FindOptions): Promise<Finding> {
  const { env, clock, probe = probeWith(clock) } = options;
  const obstacles: Obstacle[] = [];
  for (const { url } of addresses(options)) {
    const probed = await probe(url, PROBE_MS);
    switch (probed.type) {
      case "ollama":
        return { found: { type: "server", url, version: probed.version }, obstacles };
      case "stranger":
        obstacles.push({ url, problem: `${url} is taken by ${probed.what}` });
        break;
      case "silent":
        obstacles.push({
          url,
          problem: `${url} takes connections and does not answer: an Ollama that hangs?`,
        });
        break;
      case "absent":
        break;
    }
  }
  const { versionOf = (path) => binaryVersion(path, env) } = options;
  for (const { path, origin } of candidates(options)) {
    const real = await programAt(path);
    const version = real === undefined ? undefined : await versionOf(path);
    if (real === undefined || version === undefined) continue;
    // A link stays one: behind /snap/bin/ollama is the snap program, which looks at the name that it is called by.
    return {
      found: { type: "binary", path, version, origin: isDesktopApp(options, real) ? "desktop-app" : origin },
      obstacles,
    };
  }
  return { found: { type: "none" }, obstacles };
}

/** Where a server of this machine may be: another machine's is shared only by whoever says so with its URL. */
function addresses({ env, coordinatorUrl }: FindOptions): OllamaHost[] {
  const told = readOllamaHost(env.OLLAMA_HOST);
  const usual = readOllamaHost(undefined);
  const all = told.url === usual.url ? [usual] : [told, usual];
  return all.filter((each) => isHere(each.hostname) && !isCoordinator(each, coordinatorUrl));
}

function isHere(name: string): boolean {
  const lower = name.toLowerCase();
  if (lower === "localhost" || lower === "::1" || lower.startsWith("127.")) return true;
  if (lower === hostname().toLowerCase()) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === lower));
}

/** Whose `ollama` program speaks to a coordinator has its address, with a key, in OLLAMA_HOST: that would go in circles. */
function isCoordinator({ url, port }: OllamaHost, coordinatorUrl: string | undefined): boolean {
  const { pathname } = new URL(url);
  if (/\/k\/./.test(pathname)) return true;
  const coordinator = coordinatorUrl === undefined ? null : URL.parse(coordinatorUrl);
  if (coordinator === null || !isHere(coordinator.hostname.replace(/^\[|\]$/g, ""))) return false;
  return Number(coordinator.port || (coordinator.protocol === "https:" ? 443 : 80)) === port;
}

/** The file itself, links followed, if it can be run. */
async function programAt(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    if (!(await stat(real)).isFile()) return undefined;
    await access(real, constants.X_OK);
    return real;
  } catch {
    return undefined;
  }
}
