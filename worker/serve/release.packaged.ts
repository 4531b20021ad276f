import embedded from "embedded:dashboard";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { migrations } from "../db/migrations.ts";
import type * as fromSources from "./release.ts";

// In the place of `release.ts` in a single executable, which has no files but its neighbours from the archive.

export const AGENT_THERE: typeof fromSources.AGENT_THERE = {
  where: "beside these programs",
  command: process.platform === "win32" ? "agent.exe" : "./agent",
};

export const releaseMigrations: typeof fromSources.releaseMigrations = () => [...migrations];

export const releaseDashboard: typeof fromSources.releaseDashboard = () =>
  new Map(embedded.map(([path, brotli]) => [path, { brotli: Buffer.from(brotli, "base64") }]));

export const agentProgram: typeof fromSources.agentProgram = () => {
  const command = join(dirname(process.execPath), process.platform === "win32" ? "agent.exe" : "agent");
  return existsSync(command)
    ? { command, args: [] }
    : {
        missing: `${command} is not there; put the agent beside the coordinator, or start it with --no-agent`,
      };
};
