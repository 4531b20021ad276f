import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { RequestFilter, RequestView } from "../../shared/api/requests.ts";
import type { SeriesMetric } from "../../shared/api/stats.ts";
import { SqlHistory } from "../../worker/db/history.ts";
import { sha256 } from "../../worker/edge/sha256.ts";
import type { AppEnv, Host } from "../../worker/host.ts";
import { mountManagement } from "../../worker/routes/management/management.ts";
import { openHistory } from "../../worker/serve/sqlite/databases.ts";

const DAY_MS = 86_400_000;
const MACHINES = 20;
const MODELS = 20;
const KEYS = 10;

export interface HistoryResult {
  what: string;
  ms: number;
  /** How many times as long a scan of all rows takes. */
  faster: number;
}

export interface HistoryResults {
  rows: number;
  scan_ms: number;
  write_us: number;
  roll_up_us: number;
  answers: HistoryResult[];
  export: { format: string; mb: number; mb_per_s: number; peak_mb: number }[];
}

const uuid = (group: number, n: number): string =>
  `0000000${group}-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;

/** A week of requests, evenly; some machines and models are used more than others, and one in 500 fails. */
function* week(count: number, now: number): Generator<RequestView> {
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const skewed = (many: number): number => Math.floor(random() * random() * many);
  for (let n = 0; n < count; n++) {
    const failed = n % 500 === 0;
    const machine = skewed(MACHINES);
    const key = skewed(KEYS);
    const at = now - 7 * DAY_MS + (n * 7 * DAY_MS) / count;
    const firstByte = 20 + 2_000 * random() ** 4;
    const attempt = {
      agent_id: uuid(1, machine),
      agent_name: `machine-${machine}`,
      reason: "loaded",
      started_ms: 1,
      first_byte_ms: firstByte,
      ended_ms: firstByte + 4_000,
      error_code: null,
    };
    yield {
      id: uuid(0, n),
      at: new Date(at).toISOString(),
      endpoint: n % 50 === 0 ? "/v1/embeddings" : "/api/chat",
      model: `model-${skewed(MODELS)}:latest`,
      key_id: uuid(2, key),
      key_name: `key ${key}`,
      agent_id: uuid(1, machine),
      agent_name: `machine-${machine}`,
      status: failed ? 503 : 200,
      error_code: failed ? "queue_full" : null,
      attempts: 1,
      reason: "loaded",
      queue_ms: 10 * random(),
      first_byte_ms: firstByte,
      duration_ms: firstByte + 4_000 * random(),
      prompt_tokens: Math.floor(500 * random()),
      completion_tokens: Math.floor(300 * random()),
      load_ms: null,
      prompt_ms: 10,
      eval_ms: 3_000 * random(),
      request_bytes: 1_000,
      response_bytes: 30_000,
      tries: [attempt],
    };
  }
}

/** A list's answers, statistics, charts and exports over a file like the self-hosted program's. */
export async function measureHistory(quick: boolean): Promise<HistoryResults> {
  const folder = mkdtempSync(join(tmpdir(), "bench-history-"));
  const database = openHistory(join(folder, "history.db"));
  try {
    return await measure(database, quick ? 20_000 : 100_000);
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

async function measure(database: ReturnType<typeof openHistory>, count: number): Promise<HistoryResults> {
  const history = new SqlHistory(database);
  const now = Date.now();
  let batch: RequestView[] = [];
  const cpuUs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return user + system;
  };
  let began = cpuUs();
  for (const row of week(count, now)) {
    batch.push(row);
    if (batch.length < 100) continue;
    await history.write({ requests: batch, events: [], samples: [] });
    batch = [];
  }
  const writeUs = (cpuUs() - began) / count;
  began = cpuUs();
  // The last few are in no sum yet, as in life.
  for (let left = count - 400; left > 0; left -= 50) await history.rollUp(Math.min(50, left));
  const rollUpUs = (cpuUs() - began) / count;

  const scan = await median(() =>
    database.execute("SELECT count(*) FROM requests WHERE +response_bytes < 0 AND +reason = 'x'", []),
  );
  const answers: HistoryResult[] = [];
  const add = async (what: string, task: () => Promise<unknown>): Promise<void> => {
    const ms = await median(task);
    answers.push({ what, ms, faster: scan / ms });
  };
  const iso = (ageMs: number): string => new Date(now - ageMs).toISOString();
  const filters: Record<string, RequestFilter> = {
    "no filter": {},
    "a model": { model: "model-3:latest" },
    "a model that is not there": { model: "none" },
    "a machine": { agent_id: uuid(1, 3) },
    "a key": { key_id: uuid(2, 3) },
    "status 5xx": { status: "5xx" },
    "status 200": { status: "200" },
    "a status that is not there": { status: "418" },
    "a success that is not there": { status: "201" },
    "an endpoint": { endpoint: "/v1/embeddings" },
    "an endpoint that is not there": { endpoint: "/api/none" },
    "a day in the middle": { from: iso(4 * DAY_MS), to: iso(3 * DAY_MS) },
    "a model's errors on a machine": { model: "model-0:latest", agent_id: uuid(1, 0), status: "503" },
    "a model, a key, and an endpoint that is not there": {
      model: "model-0:latest",
      key_id: uuid(2, 0),
      endpoint: "/none",
    },
  };
  for (const [name, filter] of Object.entries(filters)) {
    await add(`list: ${name}`, () => history.list(filter, { limit: 50 }));
  }
  const deep = `${(now - 6.9 * DAY_MS).toString(36).split(".")[0]}.${uuid(0, 0)}`;
  await add("list: a page near the end", () => history.list({}, { limit: 500, cursor: deep }));
  await add("list: a model's page near the end", () =>
    history.list({ model: "model-0:latest" }, { limit: 500, cursor: deep }),
  );
  for (const range of ["1h", "24h", "7d", "30d"] as const) {
    await add(`statistics: ${range}`, () => history.stats({ range }, now));
  }
  await add("statistics: 7d of a machine", () => history.stats({ range: "7d", agent_id: uuid(1, 0) }, now));
  await add("statistics: 7d of a model", () => history.stats({ range: "7d", model: "model-0:latest" }, now));
  await add("statistics: 1h of a model", () => history.stats({ range: "1h", model: "model-0:latest" }, now));
  const metric: SeriesMetric[] = ["requests", "tokens_per_second", "first_byte_ms_p50", "first_byte_ms_p95"];
  for (const range of ["1h", "24h", "7d", "30d"] as const) {
    await add(`chart of four: ${range}`, () => history.series({ range, metric }, now));
  }
  await add("chart of four: 24h of a machine", () =>
    history.series({ range: "24h", metric, agent_id: uuid(1, 0) }, now),
  );
  return {
    rows: count,
    scan_ms: scan,
    write_us: writeUs,
    roll_up_us: rollUpUs,
    answers,
    export: [await measureExport(history, "csv"), await measureExport(history, "ndjson")],
  };
}

async function median(task: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    const began = performance.now();
    await task();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[3] ?? 0;
}

/** All rows through the route itself. */
async function measureExport(history: SqlHistory, format: string): Promise<HistoryResults["export"][number]> {
  const token = "oct_bench";
  const host: Pick<Host, "config" | "history" | "sha256"> = {
    config: { adminTokenHash: await sha256(token), clientAuth: "required", hosts: [], demo: false },
    history,
    sha256,
  };
  const app = new OpenAPIHono<AppEnv>();
  app.use((c, next) => {
    c.set("host", host as Host);
    return next();
  });
  mountManagement(app);
  const idle = process.memoryUsage.rss();
  const began = performance.now();
  const response = await app.request(`/api/admin/requests/export?format=${format}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (response.status !== 200 || response.body === null) throw new Error(await response.text());
  let bytes = 0;
  let peak = idle;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  const seconds = (performance.now() - began) / 1_000;
  return { format, mb: bytes / 1e6, mb_per_s: bytes / 1e6 / seconds, peak_mb: (peak - idle) / 1e6 };
}

export function historyTable(results: HistoryResults): string {
  const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
  const lines = results.answers.map(
    ({ what, ms: took, faster }) => `| ${what} | ${ms(took)} | ${faster.toFixed(faster < 10 ? 1 : 0)} |`,
  );
  const exports = results.export.map(
    ({ format, mb, mb_per_s, peak_mb }) =>
      `| export: ${format}, ${mb.toFixed(0)} MB | ${mb_per_s.toFixed(0)} MB/s | memory + ${peak_mb.toFixed(0)} MB |`,
  );
  return [
    `history: ${results.rows} requests of a week; a scan of all takes ${ms(results.scan_ms)}`,
    `a request costs ${results.write_us.toFixed(0)} µs of CPU to write, and ${results.roll_up_us.toFixed(0)} µs to sum up`,
    "",
    "| answer | time | scan is times as long |",
    "| --- | --- | --- |",
    ...lines,
    ...exports,
  ].join("\n");
}
