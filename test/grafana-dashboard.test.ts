import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Bench } from "../worker/coordinator/testing/bench.ts";
import { exposition } from "../worker/routes/management/exposition.ts";
import { parseExposition } from "../worker/routes/management/testing/parse-exposition.ts";

interface Dashboard {
  panels: { id: number; type: string; title: string; targets?: { expr: string }[] }[];
  templating: { list: { definition?: string }[] };
}

const dashboard: Dashboard = JSON.parse(
  readFileSync(new URL("../docs/grafana-dashboard.json", import.meta.url), "utf8"),
);
const asked = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.flatMap(({ definition }) => definition ?? []),
];
const names = new Set(asked.flatMap((text) => text.match(/\b(ollama_coordinator|process)_\w+/g) ?? []));
const families = parseExposition(exposition(await new Bench().brain.getMetrics()));

test("every name that it asks for is one that /metrics gives", () => {
  expect(names.size).toBeGreaterThan(20);
  for (const name of names) {
    const family = name.replace(/_(bucket|sum|count)$/, "");
    if (family !== name && families.get(family)?.type === "histogram") continue;
    expect([...families.keys()]).toContain(name);
  }
});

test("every metric that /metrics gives is on it", () => {
  const shown = new Set([...names].map((name) => name.replace(/_(bucket|sum|count)$/, "")));
  expect([...families.keys()].filter((name) => !shown.has(name) && !names.has(name))).toEqual([]);
});

test("a counter is asked for as a rate, and nothing else is", () => {
  for (const text of asked) {
    for (const [, name = ""] of text.matchAll(/rate\((\w+)/g))
      expect(name).toMatch(/_(total|bucket|sum|count)$/);
    for (const [, before, name = ""] of text.matchAll(
      /(rate\(|label_values\()?\b(ollama_coordinator_\w+)/g,
    )) {
      if (families.get(name)?.type === "counter") expect(before, name).toBeDefined();
    }
  }
});

test("no two panels have one id", () => {
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
});
