import type { HostResult } from "./bench.ts";

interface Row {
  what: string;
  target: { node: string; workerd: string };
  value: (result: HostResult) => string;
}

const ms = (value: number): string => `${value.toFixed(2)} ms`;
const share = (value: number): string => `${(value * 100).toFixed(1)} %`;
const us = (value: number): string => `${value.toFixed(0)} µs`;
const mb = (value: number): string => `${value.toFixed(0)} MB`;
const none = { node: "", workerd: "" };

const ROWS: readonly Row[] = [
  {
    what: "added latency p50 (direct)",
    target: { node: "≤ 1 ms", workerd: "≤ 2.5 ms" },
    value: (r) => `${ms(r.latency.p50)} (${ms(r.latency.direct_p50)})`,
  },
  {
    what: "added latency p99 (direct)",
    target: none,
    value: (r) => `${ms(r.latency.p99)} (${ms(r.latency.direct_p99)})`,
  },
  {
    what: "added time to first token, NDJSON, p50",
    target: { node: "≤ 1.5 ms", workerd: "≤ 3 ms" },
    value: (r) => ms(r.first_token_ndjson.p50),
  },
  {
    what: "added time to first token, SSE, p50",
    target: { node: "≤ 1.5 ms", workerd: "≤ 3 ms" },
    value: (r) => ms(r.first_token_sse.p50),
  },
  {
    what: "requests/s, 32 connections (direct)",
    target: { node: "≥ 2,000", workerd: "≥ 900" },
    value: (r) =>
      `${r.requests.per_second.toFixed(0)} (${r.requests.direct_per_second.toFixed(0)}), ${r.requests.failed} failed`,
  },
  { what: "CPU a request, coordinator", target: none, value: (r) => us(r.cpu_per_request_us.coordinator) },
  { what: "CPU a request, agent", target: none, value: (r) => us(r.cpu_per_request_us.agent) },
  {
    what: "50 streams × 50 tokens/s: gaps within 5 ms (direct)",
    target: { node: "≥ 95 %", workerd: "≥ 95 %" },
    value: (r) => `${share(r.streams_50.on_time)} (${share(r.streams_50.direct_on_time)})`,
  },
  {
    what: "200 streams × 50 tokens/s: tokens lost",
    target: { node: "0", workerd: "0" },
    value: (r) => `${r.streams_200.lost} of ${r.streams_200.tokens}`,
  },
  {
    what: "200 streams: gaps within 5 ms (direct)",
    target: none,
    value: (r) => `${share(r.streams_200.on_time)} (${share(r.streams_200.direct_on_time)})`,
  },
  { what: "200 streams: gap p99", target: none, value: (r) => ms(r.streams_200.gap_p99) },
  { what: "CPU a token, coordinator", target: none, value: (r) => us(r.cpu_per_chunk_us.coordinator) },
  { what: "CPU a token, agent", target: none, value: (r) => us(r.cpu_per_chunk_us.agent) },
  {
    what: "memory of the coordinator, idle → after",
    target: none,
    value: (r) => `${mb(r.memory_mb.coordinator_idle)} → ${mb(r.memory_mb.coordinator)}`,
  },
  {
    what: "memory of the agent, idle → after",
    target: { node: "≤ 100 MB", workerd: "≤ 100 MB" },
    value: (r) => `${mb(r.memory_mb.agent_idle)} → ${mb(r.memory_mb.agent)}`,
  },
];

/** The results as a Markdown table, the targets beside them. */
export function table(results: readonly HostResult[]): string {
  const head = ["measure", ...results.flatMap(({ host }) => [host, `target ${host}`])];
  const rows = ROWS.map((row) => [
    row.what,
    ...results.flatMap((result) => [
      row.value(result),
      result.host === "workerd" ? row.target.workerd : row.target.node,
    ]),
  ]);
  return markdown([head, ...rows]);
}

/** @param rows the first is the head */
export function markdown(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const [head = [], ...others] = rows;
  return [line(head), line(head.map(() => "---")), ...others.map(line)].join("\n");
}
