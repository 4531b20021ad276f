import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { makeToken } from "../../../shared/lib/token.ts";
import { dashboardBuilt } from "../dashboard-build.ts";
import { freePort } from "../free-port.ts";
import { residentBytes, workerdProcesses } from "../process-table.ts";
import { workerFirstPatterns } from "../worker-first.ts";
import { fetchGauges, type TunnelGauge } from "./gauges.ts";
import type { HostOptions, TestHost } from "./host.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** As the program makes one: a word that could be guessed is not looked at after ten wrong ones. */
const ADMIN_TOKEN = makeToken("admin", new Uint8Array(32).fill(1));

/** The Worker and its object in a real workerd; `reset` and `gauges` reach into the object. */
export interface WorkerdHost extends TestHost {
  readonly name: "workerd";
  /** What a deploy or a crash does to the object: memory and sockets are gone, storage stays. */
  reset(): Promise<void>;
  gauges(): Promise<TunnelGauge[]>;
}

/** As wrangler.toml says it. */
const ASSETS = {
  directory: join(ROOT, "dist/assets"),
  binding: "ASSETS",
  run_worker_first: workerFirstPatterns(),
  routerConfig: { has_user_worker: true },
  assetConfig: { html_handling: "none", not_found_handling: "none" },
} as const;

let bundle: Promise<string> | undefined;

/** The Worker as `wrangler deploy` would bundle it. */
export function bundleWorker(): Promise<string> {
  bundle ??= build({
    entryPoints: [join(ROOT, "test/support/hosts/worker-entry.ts")],
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:workers", "node:*"],
    loader: { ".sql": "text" },
    write: false,
    logLevel: "error",
  }).then((result) => result.outputFiles[0]?.text ?? "");
  return bundle;
}

let lastStart: Promise<unknown> = Promise.resolve();

/** Which process a host has is seen from what is new when it has started: of two that start at once each would have both. */
function oneByOne<T>(start: () => Promise<T>): Promise<T> {
  const started = lastStart.then(start);
  // Who waits next is not told of a start that failed: its own caller is.
  lastStart = started.catch(() => undefined);
  return started;
}

export async function startWorkerdHost(options: HostOptions = {}): Promise<WorkerdHost> {
  const dir = mkdtempSync(join(tmpdir(), "workerd-"));
  let port = 0;
  const script = await bundleWorker();
  if (options.dashboard === true) await dashboardBuilt();
  let children: number[] = [];
  let output = "";
  const start = async (): Promise<Miniflare> => {
    output = "";
    const before = new Set(workerdProcesses());
    const instance = new Miniflare(
      convertV4MiniflareOptions({
        host: "127.0.0.1",
        port,
        modules: true,
        script,
        compatibilityDate: "2026-11-02",
        compatibilityFlags: ["enable_request_signal"],
        durableObjects: { COORDINATOR: { className: "CoordinatorObject", useSQLite: true } },
        d1Databases: { DB: "history" },
        // Per resource (`durableObjectsPersist`, …) it is accepted and ignored.
        resourcePersistencePath: dir,
        handleStructuredLogs: ({ message }) => {
          output = `${output}${message}\n`.slice(-1_000_000);
        },
        ...(options.dashboard === true ? { assets: ASSETS } : {}),
        bindings: { ADMIN_TOKEN, CLIENT_AUTH: "required", ...options.env },
      }),
    );
    await instance.ready;
    children = workerdProcesses().filter((pid) => !before.has(pid));
    const database = await instance.getD1Database("DB");
    // Started again, it has them already.
    const exists = await database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'requests'").first();
    const names = exists === null ? readdirSync(join(ROOT, "migrations")) : [];
    for (const name of names.filter((file) => file.endsWith(".sql")).sort()) {
      const sql = readFileSync(join(ROOT, "migrations", name), "utf8");
      for (const statement of sql.split("--> statement-breakpoint")) await database.prepare(statement).run();
    }
    return instance;
  };
  let miniflare = await oneByOne(async () => {
    // Not before its turn: what is free now may not be so for long.
    port = await freePort();
    return start();
  });
  return {
    name: "workerd",
    url: `http://127.0.0.1:${port}`,
    adminToken: options.env?.ADMIN_TOKEN ?? ADMIN_TOKEN,
    dataDir: dir,
    output: () => output,
    pids: () => children,
    memory: () => children.reduce((sum, pid) => sum + residentBytes(pid), 0),
    restart: async () => {
      await miniflare.dispose();
      miniflare = await oneByOne(start);
    },
    reset: async () => {
      await fetch(`http://127.0.0.1:${port}/__test/reset`, { method: "POST" });
    },
    gauges: () => fetchGauges(`http://127.0.0.1:${port}/__test/gauges`),
    stop: async () => {
      await miniflare.dispose();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
