import type { StrategyName } from "../../shared/api/settings.ts";
import { routable, startAgent } from "../support/agent-process.ts";
import { calmEnvironment } from "../support/fleet.ts";
import { admin, listAgents, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { loadOf, post } from "./load.ts";
import { startStandInProcess } from "./processes.ts";
import { markdown } from "./table.ts";

/** One token more than there are delays between them. */
const TOKENS = 26;
const LOAD_MS = 1_000;
/** Room for one of the stand-in's models, of 1.3 GB. */
const GPU_MB = 2_000;
const COMPARED: readonly StrategyName[] = ["auto", "round-robin", "least-loaded"];

interface Scenario {
  readonly name: string;
  /** Between two tokens, ms, by machine; each has one slot and all models. */
  readonly tokenDelaysMs: readonly number[];
  readonly models: readonly string[];
  /** Models that a machine has in memory at once. */
  readonly maxLoaded: number;
  readonly loadMs: number;
  /** The models of the requests, in order. */
  readonly requests: readonly string[];
  /** So many come at once; the next when all of these are done. */
  readonly atOnce: number;
}

export interface Makespan {
  scenario: string;
  strategy: string;
  seconds: number;
  /** Nobody could be done sooner. */
  lower_bound_s: number;
  /** Loads beyond the first of each model. */
  extra_loads: number;
  failed: number;
}

/** The same every time, and without a pattern. */
function mixed(models: readonly string[], count: number): string[] {
  let seed = 0x2545_f491;
  return Array.from({ length: count }, () => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return models[(seed >>> 0) % models.length] ?? "";
  });
}

function scenarios(quick: boolean): Scenario[] {
  const count = quick ? 18 : 60;
  const three = ["red", "green", "blue"];
  const speeds = { tokenDelaysMs: [10, 20, 40], models: ["m"], maxLoaded: 1, loadMs: 0 };
  return [
    {
      ...speeds,
      name: `speeds 4:2:1, ${count} at once`,
      requests: Array(count).fill("m"),
      atOnce: count,
    },
    {
      ...speeds,
      name: "speeds 4:2:1, 8 at once, again and again",
      requests: Array(quick ? 16 : 48).fill("m"),
      atOnce: 8,
    },
    {
      name: "three models, room for one",
      tokenDelaysMs: [10, 10, 10],
      models: three,
      maxLoaded: 1,
      loadMs: LOAD_MS,
      requests: mixed(three, count),
      atOnce: count,
    },
  ];
}

const serviceS = (tokenDelayMs: number): number => ((TOKENS - 1) * tokenDelayMs) / 1_000;

/** The soonest at which whole requests, taken one after the other by each machine, can all be done; loads not counted. */
function lowerBound(scenario: Scenario): number {
  return burstsOf(scenario).reduce((sum, burst) => {
    const ends = scenario.tokenDelaysMs.flatMap((delay) => burst.map((_, at) => (at + 1) * serviceS(delay)));
    return sum + (ends.sort((a, b) => a - b)[burst.length - 1] ?? 0);
  }, 0);
}

function burstsOf({ requests, atOnce }: Scenario): string[][] {
  return Array.from({ length: Math.ceil(requests.length / atOnce) }, (_, at) =>
    requests.slice(at * atOnce, (at + 1) * atOnce),
  );
}

/** A coordinator that knows nothing yet, and agents of its own, so that no strategy learns from another's run. */
async function run(scenario: Scenario, strategy: StrategyName): Promise<Makespan> {
  const endings: (() => void | Promise<void>)[] = [];
  try {
    const standIns = await Promise.all(
      scenario.tokenDelaysMs.map((delay) =>
        startStandInProcess([
          ...["--models", scenario.models.join(","), "--tokens", String(TOKENS)],
          ...["--token-delay-ms", String(delay), "--load-delay-ms", String(scenario.loadMs)],
          ...["--max-loaded", String(scenario.maxLoaded)],
        ]),
      ),
    );
    endings.push(...standIns.map((standIn) => () => standIn.stop()));
    const host = await startNodeHost();
    endings.push(() => host.stop());
    const names = standIns.map((_, at) => `machine-${at}`);
    for (const [at, { url }] of standIns.entries()) {
      const agent = await startAgent(host, {
        name: `machine-${at}`,
        ollamaUrl: url,
        flags: ["--max-concurrency", "1"],
        env: calmEnvironment(10, GPU_MB),
      });
      endings.push(() => agent.dispose());
    }
    await routable(host, ...names);
    await admin(host, "PUT", "/api/admin/settings", { strategy, queue: { max_length: 1_000 } });
    const { key } = await makeKey(host);
    const through = loadOf({ url: host.url, key }, scenario.atOnce);
    await warmUp(host, key, scenario, names);

    const startMs = performance.now();
    let failed = 0;
    for (const burst of burstsOf(scenario)) {
      const answers = await Promise.all(
        burst.map((model, at) =>
          post(through, "/api/generate", { model, prompt: `question ${at}`, stream: false }),
        ),
      );
      failed += answers.filter(({ status }) => status !== 200).length;
    }
    const seconds = (performance.now() - startMs) / 1_000;
    through.connections.destroy();
    let loads = 0;
    for (const { url } of standIns) loads += await loadsOf(url);
    return {
      scenario: scenario.name,
      strategy,
      seconds,
      lower_bound_s: lowerBound(scenario),
      extra_loads: loads - Math.max(names.length, scenario.models.length),
      failed,
    };
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

/** Each machine answers once, each with the next of the models: what it costs to learn is the same for all strategies. */
async function warmUp(
  host: TestHost,
  key: string,
  scenario: Scenario,
  names: readonly string[],
): Promise<void> {
  const modelAt = (at: number): string => scenario.models[at % scenario.models.length] ?? "";
  await Promise.all(
    names.map(async (name, at) => {
      const response = await fetch(`${host.url}/api/generate`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "x-agent": name },
        body: JSON.stringify({ model: modelAt(at), prompt: "warm up", stream: false }),
      });
      if (!response.ok) throw new Error(`warm up: ${response.status} ${await response.text()}`);
      await response.arrayBuffer();
    }),
  );
  await until("all models that were asked for are known to be loaded", async () =>
    (await listAgents(host)).every(
      ({ name, loaded, gpus }) =>
        gpus.length > 0 && loaded.some((each) => each.name === `${modelAt(names.indexOf(name))}:latest`),
    ),
  );
}

async function loadsOf(url: string): Promise<number> {
  const stats: unknown = await (await fetch(`${url}/__stand_in/stats`)).json();
  if (typeof stats !== "object" || stats === null || !("loads" in stats))
    throw new Error("no loads in stats");
  return Number(stats.loads);
}

export async function measureScheduling(quick: boolean): Promise<Makespan[]> {
  const results: Makespan[] = [];
  for (const scenario of scenarios(quick)) {
    for (const strategy of COMPARED) results.push(await run(scenario, strategy));
  }
  return results;
}

export function schedulingTable(results: readonly Makespan[]): string {
  const rows = results.map((result) => {
    const auto = results.find((each) => each.scenario === result.scenario && each.strategy === "auto");
    return [
      result.scenario,
      result.strategy,
      `${result.seconds.toFixed(2)} s`,
      `× ${(result.seconds / result.lower_bound_s).toFixed(2)}`,
      `× ${(result.seconds / (auto?.seconds ?? Number.NaN)).toFixed(2)}`,
      String(result.extra_loads),
      String(result.failed),
    ];
  });
  return markdown([
    [
      "burst",
      "strategy",
      "all done after",
      "of the lower bound",
      "of auto",
      "loads beyond the first",
      "failed",
    ],
    ...rows,
  ]);
}
