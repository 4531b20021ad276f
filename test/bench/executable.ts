import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownTarget } from "../../scripts/build/targets.ts";
import { type AgentProcess, routable, startAgent } from "../support/agent-process.ts";
import { buildAgentExecutable } from "../support/executable.ts";
import { makeKey, type TestHost } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { residentBytes } from "../support/process-table.ts";
import { percentile } from "./load.ts";
import { throughput, tokenStreams } from "./measures.ts";
import { startStandInProcess } from "./processes.ts";

const MB = 1024 * 1024;
const STREAMS = 20;
const PACE_MS = 20;
const SAMPLE_MS = 100;

export interface AgentFormResult {
  form: "executable" | "sources";
  /** From its start on a machine that was never registered until it takes work, ms. */
  ready_ms: { p50: number; max: number };
  /** The same on a machine that is registered. */
  ready_again_ms: { p50: number; max: number };
  /** Resident, MB. */
  idle_mb: number;
  /** The most that was seen while 20 streams ran. */
  streams_mb: number;
  /** The same after 32 connections have asked without a pause. */
  after_load_mb: number;
}

/** The agent as one file, and as it runs from its sources. */
export async function measureExecutable(quick: boolean): Promise<AgentFormResult[]> {
  const target = ownTarget();
  if (target === undefined) throw new Error(`no executable is made for ${process.platform} ${process.arch}`);
  const folder = mkdtempSync(join(tmpdir(), "executable-"));
  try {
    const executable = await buildAgentExecutable(target, folder);
    return [
      await measureForm("executable", executable, quick),
      await measureForm("sources", undefined, quick),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureForm(
  form: AgentFormResult["form"],
  executable: string | undefined,
  quick: boolean,
): Promise<AgentFormResult> {
  const standIn = await startStandInProcess(["--models", "tiny", "--tokens", "4"]);
  const host = await startNodeHost();
  let agent: AgentProcess | undefined;
  try {
    const first: number[] = [];
    const again: number[] = [];
    for (let start = 0; start < (quick ? 3 : 10); start++) {
      await agent?.dispose();
      const name = `bench-${start}`;
      const startMs = performance.now();
      agent = await startAgent(host, {
        name,
        ollamaUrl: standIn.url,
        flags: ["--max-concurrency", "64"],
        ...(executable === undefined ? {} : { executable, env: { PATH: "" } }),
      });
      first.push(await readyMs(host, name, startMs));
      await agent.end("SIGTERM");
      const againMs = performance.now();
      agent.start();
      again.push(await readyMs(host, name, againMs));
    }
    if (agent === undefined) throw new Error("no agent was started");
    const idle = residentBytes(agent.pid);
    const { key } = await makeKey(host);
    const through = { url: host.url, key };
    const streams = await mostResident(agent.pid, async () => {
      for (let round = 0; round < (quick ? 1 : 3); round++)
        await tokenStreams(through, STREAMS, 300, PACE_MS);
    });
    await throughput(through, 32, quick ? 2 : 10);
    return {
      form,
      ready_ms: { p50: percentile(first, 0.5), max: Math.max(...first) },
      ready_again_ms: { p50: percentile(again, 0.5), max: Math.max(...again) },
      idle_mb: idle / MB,
      streams_mb: streams / MB,
      after_load_mb: residentBytes(agent.pid) / MB,
    };
  } finally {
    await agent?.dispose();
    await host.stop();
    standIn.stop();
  }
}

async function readyMs(host: TestHost, name: string, startMs: number): Promise<number> {
  await routable(host, name);
  return performance.now() - startMs;
}

/** The most that a process held while `work` ran. */
async function mostResident(pid: number, work: () => Promise<void>): Promise<number> {
  let most = residentBytes(pid);
  const timer = setInterval(() => {
    most = Math.max(most, residentBytes(pid));
  }, SAMPLE_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return most;
}

export function executableTable(results: readonly AgentFormResult[]): string {
  const row = (name: string, value: (result: AgentFormResult) => string): string =>
    `| ${[name, ...results.map(value)].join(" | ")} |`;
  const ms = ({ p50, max }: { p50: number; max: number }): string =>
    `${p50.toFixed(0)} ms (${max.toFixed(0)} ms)`;
  const mb = (value: number): string => `${value.toFixed(0)} MB`;
  return [
    row("the agent", ({ form }) => form),
    `|${" --- |".repeat(results.length + 1)}`,
    row("start to ready, not registered, p50 (max)", ({ ready_ms }) => ms(ready_ms)),
    row("start to ready, registered, p50 (max)", ({ ready_again_ms }) => ms(ready_again_ms)),
    row("resident, idle", ({ idle_mb }) => mb(idle_mb)),
    row(`resident, ${STREAMS} streams, most`, ({ streams_mb }) => mb(streams_mb)),
    row("resident, after 32 connections without pause", ({ after_load_mb }) => mb(after_load_mb)),
    "",
  ].join("\n");
}
