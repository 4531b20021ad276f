import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";
import { BuildError } from "./build-error.ts";
import { DIST, ROOT } from "./folders.ts";
import { oneAtATime } from "./one-at-a-time.ts";

/** What Cloudflare serves by itself, under the paths that a browser asks for; `dashboard/` in it is what Node serves. */
export const ASSETS = join(DIST, "assets");
export const DASHBOARD = join(ASSETS, "dashboard");
const STAMP = join(DIST, "dashboard.stamp");
const PACKAGES = "/node_modules/";
const LOCK = join(DIST, "dashboard.lock");
const MODULES_LIST = join(DIST, "dashboard-modules.json");
const SOURCES = [
  "worker/dashboard",
  "shared/api",
  "shared/lib",
  "scripts/build/dashboard.ts",
  "package-lock.json",
];

/** For Cloudflare: a name with a hash never means anything else, and no file is anything but what it says. */
export const HEADERS = `/dashboard/assets/*
  Cache-Control: public, max-age=31536000, immutable
  X-Content-Type-Options: nosniff
`;

/** Builds the web app unless what lies there is of these very sources. @returns whether it built @throws BuildError */
export async function buildDashboard(): Promise<boolean> {
  const stamp = sourcesHash();
  if (isFresh(stamp)) return false;
  mkdirSync(DIST, { recursive: true });
  // Several programs and test processes may start at once: one builds, the others take what it has built.
  return oneAtATime(LOCK, async () => !isFresh(stamp) && build(stamp));
}

async function build(stamp: string): Promise<boolean> {
  // Beside its place first: nobody may see half of it.
  const fresh = join(DIST, `dashboard-${process.pid}`);
  try {
    // Here and not above: loading it takes longer than finding out that there is nothing to do.
    const vite = await import("vite");
    const { default: config } = await import("../../worker/dashboard/vite.config.ts");
    const built = await vite.build({
      ...config,
      configFile: false,
      build: { ...config.build, outDir: join(fresh, "dashboard") },
    });
    writeFileSync(join(fresh, "_headers"), HEADERS);
    replace(fresh);
    writeFileSync(MODULES_LIST, JSON.stringify([built].flat().flatMap(modulesOf)));
    writeFileSync(STAMP, stamp);
  } catch (error) {
    throw new BuildError(`the dashboard: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return true;
}

/** What was built, by paths below `/dashboard/`. */
export function dashboardFiles(): string[] {
  return readdirSync(DASHBOARD, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(DASHBOARD, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

/** The files of packages that it was made of, for their licences. */
export function dashboardModules(): string[] {
  return z.array(z.string()).parse(JSON.parse(readFileSync(MODULES_LIST, "utf8")));
}

/** Vite can also watch, and then answers something else. */
function modulesOf(built: object): string[] {
  const { output } = z
    .object({ output: z.array(z.object({ moduleIds: z.array(z.string()).optional() })) })
    .parse(built);
  const ids = output.flatMap(({ moduleIds = [] }) => moduleIds);
  // Where the packages really lie may be elsewhere: the name under which they are found is what counts.
  const packaged = ids.filter((id) => id.includes(PACKAGES)).map((id) => id.slice(id.indexOf(PACKAGES) + 1));
  return [...new Set(packaged)].sort();
}

function isFresh(stamp: string): boolean {
  return (
    existsSync(STAMP) && readFileSync(STAMP, "utf8") === stamp && existsSync(join(DASHBOARD, "index.html"))
  );
}

function replace(fresh: string): void {
  const old = `${fresh}-old`;
  if (existsSync(ASSETS)) renameSync(ASSETS, old);
  renameSync(fresh, ASSETS);
  rmSync(old, { recursive: true, force: true });
}

function sourcesHash(): string {
  const hash = createHash("sha256");
  for (const path of SOURCES.flatMap(filesOf)) {
    hash
      .update(path)
      .update("\0")
      .update(readFileSync(join(ROOT, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

function filesOf(path: string): string[] {
  const full = join(ROOT, path);
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.|\.md$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .sort();
}
