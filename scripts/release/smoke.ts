import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type AgentView, agentView } from "../../shared/api/agents.ts";
import { PROGRAM_VERSION } from "../../shared/protocol/version.ts";
import { freePort } from "../../test/support/free-port.ts";

/**
 * `node scripts/release/smoke.ts FOLDER`: the two programs of an unpacked archive, on this machine, with nothing else on the
 * path. The coordinator starts and with it the agent beside it, which registers; then both stop.
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node scripts/release/smoke.ts FOLDER");
const suffix = process.platform === "win32" ? ".exe" : "";
const program = (name: string): string => resolve(folder, name + suffix);

const ADMIN_TOKEN = "oct_admin-token-of-the-smoke-test";
const DEADLINE_MS = 30_000;
/** No Node there, nor anything else. */
const BARE = { PATH: "", Path: "" };

for (const name of ["agent", "coordinator"]) {
  for (const flag of ["--version", "--help"]) {
    const { status, stdout, error } = spawnSync(program(name), [flag], { env: BARE, encoding: "utf8" });
    const said = flag === "--version" ? stdout === `${PROGRAM_VERSION}\n` : stdout?.startsWith("Usage: ");
    if (status !== 0 || !said) throw new Error(`${name} ${flag}: exit code ${status}: ${error ?? stdout}`);
  }
}

const dataDir = mkdtempSync(join(tmpdir(), "smoke-"));
const port = await freePort();
const startMs = performance.now();
const coordinator = spawn(program("coordinator"), ["--port", String(port), "--data-dir", dataDir], {
  env: { ...BARE, ADMIN_TOKEN },
  stdio: ["ignore", "ignore", "inherit"],
});
try {
  const name = await registered(coordinator);
  process.stdout.write(`smoke: ${name} is registered after ${Math.round(performance.now() - startMs)} ms\n`);
} finally {
  await ended(coordinator);
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

/** The first machine that the coordinator knows and that is online. */
async function registered(child: ChildProcess): Promise<string> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the coordinator ended with ${child.exitCode}`);
    if (performance.now() - startMs > DEADLINE_MS) throw new Error(`no agent within ${DEADLINE_MS} ms`);
    const agents = await listAgents();
    const online = agents.find((agent) => agent.status === "online");
    if (online !== undefined) return online.name;
    await new Promise((again) => setTimeout(again, 50));
  }
}

async function listAgents(): Promise<AgentView[]> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/agents`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    return response.ok ? z.array(agentView).parse(await response.json()) : [];
  } catch (error) {
    // It does not listen yet; the deadline is above.
    if (error instanceof TypeError) return [];
    throw error;
  }
}

/** On Windows there is no asking: it is ended, and its agent ends with it because its standard input closes. */
function ended(child: ChildProcess): Promise<void> {
  return new Promise((gone) => {
    if (child.exitCode !== null) return gone();
    child.once("exit", () => gone());
    child.kill("SIGTERM");
  });
}
