import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Migration } from "../db/migrate.ts";
import type { DashboardFile } from "./dashboard-files.ts";

// What lies beside this program. In a single executable `release.packaged.ts` takes this file's place.

const MIGRATIONS = fileURLToPath(new URL("../../migrations/", import.meta.url));
const DASHBOARD = fileURLToPath(new URL("../../dist/assets/dashboard/", import.meta.url));
const AGENT = fileURLToPath(new URL("../../agent/cli/main.ts", import.meta.url));

/** How a person starts an agent of this release on another machine. */
export const AGENT_THERE = { where: "in a clone of this project", command: "npm run agent --" };

/** The migrations of this release, in order. */
export function releaseMigrations(): Migration[] {
  return readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({ name, sql: readFileSync(`${MIGRATIONS}/${name}`, "utf8") }));
}

/** The web app's files by their paths below `/dashboard/`; undefined until it is built. */
export function releaseDashboard(): Map<string, DashboardFile> | undefined {
  if (!existsSync(`${DASHBOARD}index.html`)) return undefined;
  const files = readdirSync(DASHBOARD, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return [relative(DASHBOARD, file).replaceAll("\\", "/"), { raw: readFileSync(file) }];
    }),
  );
}

/** How an agent of this release is started: the command and its first arguments, or one line that says why it cannot be. */
export type AgentProgram = { command: string; args: string[] } | { missing: string };

/** @param nodeFlags for the Node that runs it; an executable has its own */
export function agentProgram(nodeFlags: readonly string[]): AgentProgram {
  return { command: process.execPath, args: [...nodeFlags, AGENT] };
}
