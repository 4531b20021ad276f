import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { freePort } from "../free-port.ts";
import { residentBytes, workerdProcesses } from "../process-table.ts";
import { fetchGauges, type TunnelGauge } from "./gauges.ts";
import type { HostOptions, TestHost } from "./host.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const ADMIN_TOKEN = "oct_admin-token-of-the-tests";

/** The Worker and its object in a real workerd; `reset` and `gauges` reach into the object. */
export interface WorkerdHost extends TestHost {
  readonly name: "workerd";
  /** What a deploy or a crash does to the object: memory and sockets are gone, storage stays. */
  reset(): Promise<void>;
  gauges(): Promise<TunnelGauge[]>;
}

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

export async function startWorkerdHost(options: HostOptions = {}): Promise<WorkerdHost> {
  const dir = mkdtempSync(join(tmpdir(), "workerd-"));
  const port = await freePort();
  const script = await bundleWorker();
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
        bindings: { ADMIN_TOKEN, CLIENT_AUTH: "required", ...options.env },
      }),
    );
    await instance.ready;
    children = workerdProcesses().filter((pid) => !before.has(pid));
    const database = await instance.getD1Database("DB");
    // Asked once: after the first of them the table is there, and the others are still to come.
    const exists = await database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'requests'").first();
    const files = exists === null ? readdirSync(join(ROOT, "migrations")) : [];
    for (const name of files.filter((file) => file.endsWith(".sql")).sort()) {
      const sql = readFileSync(join(ROOT, "migrations", name), "utf8");
      for (const statement of sql.split("--> statement-breakpoint")) await database.prepare(statement).run();
    }
    return instance;
  };
  let miniflare = await start();
  return {
    name: "workerd",
    url: `http://127.0.0.1:${port}`,
    adminToken: ADMIN_TOKEN,
    dataDir: dir,
    output: () => output,
    pids: () => children,
    memory: () => children.reduce((sum, pid) => sum + residentBytes(pid), 0),
    restart: async () => {
      await miniflare.dispose();
      miniflare = await start();
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
