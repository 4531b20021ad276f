import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { routable, startAgent } from "../support/agent-process.ts";
import { admin, makeKey, type TestHost } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import { residentBytes } from "../support/process-table.ts";
import { dashboardTable, measureDashboard } from "./dashboard.ts";
import { executableTable, measureExecutable } from "./executable.ts";
import { feedTable, measureFeed } from "./feed.ts";
import { historyTable, measureHistory } from "./history.ts";
import { lineTable, measureLine } from "./line.ts";
import {
  addedFirstTokenNdjson,
  addedFirstTokenSse,
  addedLatency,
  throughput,
  tokenStreams,
} from "./measures.ts";
import { cpuMicros, startStandInProcess } from "./processes.ts";
import { measureScheduling, schedulingTable } from "./scheduling.ts";
import { measureSelection, selectionTable } from "./selection.ts";
import { table } from "./table.ts";

const quick = process.argv.includes("--quick");
const SIZE = quick ? { rounds: 100, seconds: 2, tokens: 50 } : { rounds: 600, seconds: 6, tokens: 150 };
const PACE_MS = 20;
const MB = 1024 * 1024;

export interface HostResult {
  host: string;
  latency: Awaited<ReturnType<typeof addedLatency>>;
  first_token_ndjson: Awaited<ReturnType<typeof addedFirstTokenNdjson>>;
  first_token_sse: Awaited<ReturnType<typeof addedFirstTokenSse>>;
  requests: Awaited<ReturnType<typeof throughput>> & { direct_per_second: number };
  cpu_per_request_us: { coordinator: number; agent: number };
  streams_50: Awaited<ReturnType<typeof tokenStreams>> & { direct_on_time: number };
  streams_200: Awaited<ReturnType<typeof tokenStreams>> & { direct_on_time: number };
  cpu_per_chunk_us: { coordinator: number; agent: number };
  memory_mb: { coordinator_idle: number; coordinator: number; agent_idle: number; agent: number };
}

/** One host, with a direct baseline beside each of its measures. */
async function measure(start: () => Promise<TestHost>): Promise<HostResult> {
  const standIn = await startStandInProcess(["--models", "tiny", "--tokens", "4"]);
  const host = await start();
  const agent = await startAgent(host, {
    name: "bench",
    ollamaUrl: standIn.url,
    flags: ["--max-concurrency", "256"],
  });
  try {
    await routable(host, "bench");
    // As on every day but the first: the first start compiles what later ones find compiled.
    await agent.end("SIGTERM");
    agent.start();
    await routable(host, "bench");
    await admin(host, "PUT", "/api/admin/settings", { queue: { max_length: 1_000 } });
    const { key } = await makeKey(host);
    const direct = { url: standIn.url };
    const through = { url: host.url, key };
    const idle = { coordinator: host.memory(), agent: residentBytes(agent.pid) };
    const cpu = (): { coordinator: number; agent: number } => ({
      coordinator: cpuMicros(host.pids()),
      agent: cpuMicros([agent.pid]),
    });

    const latency = await addedLatency(direct, through, SIZE.rounds);
    const ndjson = await addedFirstTokenNdjson(direct, through, SIZE.rounds);
    const sse = await addedFirstTokenSse(direct, through, SIZE.rounds);

    await throughput(through, 32, 1);
    const plain = await throughput(direct, 32, SIZE.seconds / 2);
    let before = cpu();
    const requests = await throughput(through, 32, SIZE.seconds);
    let after = cpu();
    const perRequest = {
      coordinator: (after.coordinator - before.coordinator) / requests.requests,
      agent: (after.agent - before.agent) / requests.requests,
    };

    const direct50 = await tokenStreams(direct, 50, SIZE.tokens, PACE_MS);
    const streams50 = await tokenStreams(through, 50, SIZE.tokens, PACE_MS);
    const direct200 = await tokenStreams(direct, 200, SIZE.tokens, PACE_MS);
    before = cpu();
    const streams200 = await tokenStreams(through, 200, SIZE.tokens, PACE_MS);
    after = cpu();

    return {
      host: host.name,
      latency,
      first_token_ndjson: ndjson,
      first_token_sse: sse,
      requests: { ...requests, direct_per_second: plain.per_second },
      cpu_per_request_us: perRequest,
      streams_50: { ...streams50, direct_on_time: direct50.on_time },
      streams_200: { ...streams200, direct_on_time: direct200.on_time },
      cpu_per_chunk_us: {
        coordinator: (after.coordinator - before.coordinator) / streams200.tokens,
        agent: (after.agent - before.agent) / streams200.tokens,
      },
      memory_mb: {
        coordinator_idle: idle.coordinator / MB,
        coordinator: host.memory() / MB,
        agent_idle: idle.agent / MB,
        agent: residentBytes(agent.pid) / MB,
      },
    };
  } finally {
    await agent.dispose();
    await host.stop();
    standIn.stop();
  }
}

const HOSTS: Record<string, () => Promise<TestHost>> = { node: startNodeHost, workerd: startWorkerdHost };
const PARTS = ["selection", "line", "scheduling", "feed", "dashboard", "history", "hosts", "executable"];

/** What was asked for: `--only selection,line`, `--host node` (which is one of the hosts and nothing else); all by default. */
function asked(flag: string): string[] | undefined {
  const at = process.argv.indexOf(flag);
  return at < 0 ? undefined : process.argv[at + 1]?.split(",");
}
const hosts = asked("--host");
const parts = asked("--only") ?? (hosts === undefined ? PARTS : ["hosts"]);
const unknown = parts.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) throw new Error(`--only: ${unknown.join(", ")} is none of ${PARTS.join(", ")}`);

const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;
process.stdout.write(`${machine}, ${new Date().toISOString().slice(0, 10)}\n`);
const print = (part: string): void => void process.stdout.write(`\n${part}\n`);

const selection = parts.includes("selection") ? measureSelection(quick) : [];
if (selection.length > 0) print(selectionTable(selection));
const line = parts.includes("line") ? measureLine(quick) : [];
if (line.length > 0) print(lineTable(line));
const scheduling = parts.includes("scheduling") ? await measureScheduling(quick) : [];
if (scheduling.length > 0) print(schedulingTable(scheduling));
const history = parts.includes("history") ? await measureHistory(quick) : undefined;
if (history !== undefined) print(historyTable(history));
const feed = parts.includes("feed") ? await measureFeed(quick) : [];
if (feed.length > 0) print(feedTable(feed));
const dashboard = parts.includes("dashboard") ? await measureDashboard(quick) : [];
if (dashboard.length > 0) print(dashboardTable(dashboard));
const executable = parts.includes("executable") ? await measureExecutable(quick) : [];
if (executable.length > 0) print(executableTable(executable));
const results: HostResult[] = [];
for (const [name, start] of Object.entries(HOSTS)) {
  if (parts.includes("hosts") && hosts?.includes(name) !== false) results.push(await measure(start));
}
if (results.length > 0) print(table(results));

const folder = fileURLToPath(new URL("./results/", import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(
  `${folder}${new Date().toISOString().replaceAll(":", "-")}.json`,
  `${JSON.stringify({ machine, results, selection, line, scheduling, feed, dashboard, history, executable }, null, 2)}\n`,
);
