import type { Simulated } from "./simulate.ts";
import type { Percentiles, Summary } from "./summary.ts";

const ROWS: readonly [string, (summary: Summary, simulated: Simulated) => string][] = [
  ["wait p50 / p95 / p99, s", ({ wait_s }) => three(wait_s)],
  ["latency p50 / p95 / p99, s", ({ latency_s }) => three(latency_s)],
  ["makespan, s", ({ makespan_s }) => makespan_s.toFixed(1)],
  ["  × lower bound", ({ ratio }) => ratio.toFixed(3)],
  ["requests/s", ({ requests_per_s }) => requests_per_s.toFixed(2)],
  ["tokens/s", ({ tokens_per_s }) => tokens_per_s.toFixed(0)],
  [
    "cold loads (beyond necessary)",
    (summary, { necessary_loads }) => loads(summary.cold_loads, necessary_loads),
  ],
  ["utilisation", ({ utilisation }) => percent(utilisation)],
  ["Jain index over keys", ({ jain }) => jain.toFixed(3)],
  ["errors", ({ errors }) => listed(errors)],
  ["lost with a machine", ({ lost }) => String(lost)],
];

/** One column for each strategy. */
export function report(simulated: Simulated): string {
  const { scenario, strategies } = simulated;
  const classes = Object.keys(strategies[0]?.utilisation_by_class ?? {});
  const rows = [
    ["", ...strategies.map(({ strategy }) => strategy)],
    ...ROWS.flatMap(([title, value]) => {
      const row = [title, ...strategies.map((summary) => value(summary, simulated))];
      if (title !== "utilisation" || classes.length < 2) return [row];
      return [
        row,
        ...classes.map((name) => [
          `  ${name}`,
          ...strategies.map((summary) => percent(summary.utilisation_by_class[name] ?? 0)),
        ]),
      ];
    }),
  ];
  return [
    [scenario.name, scenario.description].filter((words) => words !== "").join(": "),
    `${simulated.machines} machines, ${simulated.slots} slots, ${simulated.requests} requests, seed ${scenario.seed}; ` +
      `lower bound ${simulated.lower_bound_s.toFixed(1)} s, necessary loads ${simulated.necessary_loads}`,
    "",
    ...aligned(rows),
  ].join("\n");
}

function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

const three = ({ p50, p95, p99 }: Percentiles): string =>
  [p50, p95, p99].map((each) => each.toFixed(2)).join(" / ");
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const loads = (all: number, necessary: number): string =>
  `${all} (${all >= necessary ? "+" : ""}${all - necessary})`;

function listed(errors: Record<string, number>): string {
  const named = Object.entries(errors).map(([name, count]) => `${count} ${name}`);
  return named.length === 0 ? "none" : named.join(", ");
}
