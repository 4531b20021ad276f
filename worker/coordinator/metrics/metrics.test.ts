import fc from "fast-check";
import { expect, test } from "vitest";
import type { Metric, Sample } from "../../../shared/api/metrics.ts";
import type { RequestView } from "../../../shared/api/requests.ts";
import { requestRow } from "../../../shared/api/testing/request-row.ts";
import { Bench, storedAgent, storedKey } from "../testing/bench.ts";
import { turn } from "../testing/turn.ts";
import { SECONDS } from "./histogram.ts";
import { RequestCounters } from "./request-counters.ts";

const find = (metrics: readonly Metric[], name: string): Metric => {
  const found = metrics.find((metric) => metric.name === `ollama_coordinator_${name}`);
  if (found === undefined) throw new Error(`no metric ${name}`);
  return found;
};
const samples = (metrics: readonly Metric[], name: string): Sample[] => {
  const found = find(metrics, name);
  if (found.type === "histogram") throw new Error(`${name} is a histogram`);
  return found.samples;
};
const sum = (metrics: readonly Metric[], name: string, labels: Record<string, string> = {}): number =>
  samples(metrics, name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((total, { value }) => total + value, 0);
const observed = (metrics: readonly Metric[], name: string): { count: number; sum: number } => {
  const found = find(metrics, name);
  if (found.type !== "histogram") throw new Error(`${name} is no histogram`);
  const counts = found.samples.flatMap((sample) => sample.counts);
  return {
    count: counts.reduce((total, each) => total + each, 0),
    sum: found.samples.reduce((total, sample) => total + sample.sum, 0),
  };
};

const rowWith = (over: Partial<RequestView>): RequestView =>
  requestRow({ model: "m", duration_ms: 0, ...over });

test("after any work the sums are those of the history", () => {
  const some = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
  const row = fc.record({
    endpoint: some("/api/chat", "/v1/embeddings"),
    model: some(null, "a", "A:latest", "b:1b", "never heard of", 'quo"te'),
    key_id: some(null, "k1", "k2", "revoked"),
    agent_id: some(null, "a1", "removed"),
    status: some(200, 404, 429, 502),
    error_code: some(null, "agent_lost", "cancelled"),
    queue_ms: fc.nat(1_000_000),
    first_byte_ms: fc.option(fc.nat(1_000_000)),
    duration_ms: fc.nat(1_000_000),
    prompt_tokens: fc.option(fc.nat(1_000)),
    completion_tokens: fc.option(fc.nat(1_000)),
  });
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const counters = new RequestCounters((name) => name === "a:latest" || name === "b:1b");
      for (const each of rows) counters.count(rowWith(each));
      const metrics = counters.metrics({
        agent: (id) => (id === "removed" ? undefined : `machine ${id}`),
        // Two keys may have one name.
        key: (id) => (id === "revoked" ? undefined : "one name"),
      });
      const total = (of: (each: (typeof rows)[number]) => number): number =>
        rows.reduce((all, each) => all + of(each), 0);
      expect(sum(metrics, "requests_total")).toBe(rows.length);
      expect(sum(metrics, "requests_total", { status: "5xx" })).toBe(
        total((each) => (each.status >= 500 ? 1 : 0)),
      );
      expect(sum(metrics, "requests_total", { model: "a:latest" })).toBe(
        total(({ model }) => (model === "a" || model === "A:latest" ? 1 : 0)),
      );
      expect(sum(metrics, "tokens_total", { kind: "prompt" })).toBe(total((each) => each.prompt_tokens ?? 0));
      const isThere = (id: string | null): boolean => id !== null && id !== "removed" && id !== "revoked";
      expect(sum(metrics, "agent_requests_total")).toBe(total((each) => (isThere(each.agent_id) ? 1 : 0)));
      expect(sum(metrics, "key_requests_total")).toBe(total((each) => (isThere(each.key_id) ? 1 : 0)));
      expect(sum(metrics, "key_tokens_total", { kind: "completion" })).toBe(
        total((each) => (isThere(each.key_id) ? (each.completion_tokens ?? 0) : 0)),
      );
      const duration = observed(metrics, "duration_seconds");
      expect(duration.count).toBe(rows.length);
      expect(duration.sum).toBeCloseTo(total((each) => each.duration_ms) / 1_000, 6);
      expect(observed(metrics, "first_byte_seconds").count).toBe(
        total((each) => (each.first_byte_ms === null ? 0 : 1)),
      );
    }),
  );
});

test("whoever goes takes its counters along: none leaps, and none of those that stay goes back", () => {
  const counters = new RequestCounters(() => true);
  for (let n = 0; n < 10; n++) counters.count(rowWith({ key_id: n < 3 ? "old" : "new" }));
  for (let n = 0; n < 5; n++) counters.count(rowWith({ key_id: "other's" }));
  const names: Record<string, string> = { old: "ci", new: "ci", "other's": "desk" };
  const read = () => counters.metrics({ agent: () => undefined, key: (id) => names[id] });
  const of = (key: string) => sum(read(), "key_requests_total", { key });
  expect([of("ci"), of("desk"), of("other")]).toEqual([10, 5, 0]);
  delete names.old;
  delete names["other's"];
  expect([of("ci"), of("desk"), of("other")]).toEqual([10, 0, 0]);
});

test("a value on a bound falls under it", () => {
  const counters = new RequestCounters(() => true);
  for (const bound of SECONDS) counters.count(rowWith({ duration_ms: bound * 1_000 }));
  counters.count(rowWith({ duration_ms: 3_600_000 }));
  const metric = find(counters.metrics({ agent: () => undefined, key: () => undefined }), "duration_seconds");
  expect(metric.samples).toMatchObject([{ counts: new Array(SECONDS.length + 1).fill(1) }]);
});

test("however many names come, the labels stay few", () => {
  const counters = new RequestCounters(() => true);
  for (let n = 0; n < 3_000; n++) {
    counters.count(rowWith({ model: `made-up-${n}`, key_id: `k${n}`, agent_id: `a${n}` }));
  }
  const metrics = counters.metrics({ agent: (id) => id, key: (id) => id });
  expect(samples(metrics, "requests_total").length).toBe(201);
  expect(samples(metrics, "key_requests_total").length).toBe(201);
  expect(samples(metrics, "agent_requests_total").length).toBe(2_001);
  expect(sum(metrics, "requests_total")).toBe(3_000);
});

test("the brain tells of its machines, its queue, its tunnels and its outbox", async () => {
  const { bench, agent } = await Bench.fleet(
    {
      one: {
        models: ["m", "n"],
        slots: 1,
        state: {
          cpu_usage: 25,
          gpus: [{ name: 'RTX "9"', utilization: 50, memory_used_mb: 1, memory_total_mb: 2 }],
        },
      },
      two: { models: ["x"] },
    },
    { agents: [storedAgent("away"), storedAgent("drained", { draining: true })], keys: [storedKey("k1")] },
  );
  await bench.brain.drainAgent("two", true);
  bench.ask({ caller: { kind: "key", key_id: "k1", by_path: false } });
  bench.ask();
  await turn();
  const running = await bench.brain.getMetrics();
  expect(sum(running, "requests_running")).toBe(1);
  expect(sum(running, "queue_length")).toBe(1);
  expect(sum(running, "streams_open")).toBe(1);
  expect(sum(running, "agents", { state: "online" })).toBe(1);
  expect(sum(running, "agents", { state: "draining" })).toBe(1);
  expect(sum(running, "agents", { state: "offline" })).toBe(2);
  expect(sum(running, "agent_in_flight", { agent: "one" })).toBe(1);
  expect(sum(running, "agent_cpu_usage_ratio", { agent: "one" })).toBe(0.25);
  expect(samples(running, "agent_gpu_memory_total_bytes")).toEqual([
    { labels: { agent: "one", gpu: "0", gpu_name: 'RTX "9"' }, value: 2 * 1024 * 1024 },
  ]);
  expect(sum(running, "tunnel_received_frames_total")).toBeGreaterThanOrEqual(2);
  expect(sum(running, "tunnel_sent_bytes_total")).toBeGreaterThan(100);

  bench.history.away = true;
  for (let n = 0; n < 2; n++) {
    agent("one").last.answer();
    await turn();
  }
  await bench.clock.advance(1_000);
  const after = await bench.brain.getMetrics();
  expect(sum(after, "requests_total")).toBe(2);
  expect(sum(after, "requests_running") + sum(after, "queue_length")).toBe(0);
  expect(sum(after, "key_requests_total", { key: "k1" })).toBe(1);
  expect(sum(after, "tokens_total", { model: "m:latest", kind: "completion" })).toBe(2);
  expect(sum(after, "history_outbox_rows")).toBeGreaterThanOrEqual(2);
});
