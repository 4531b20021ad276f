import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readScenario } from "./scenario.ts";
import { simulate } from "./simulate.ts";
import { svg } from "./svg.ts";

const FOLDER = fileURLToPath(new URL("scenarios/", import.meta.url));
const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

test.each(NAMES)(
  "%s runs in short form, answers everybody whom no limit turns away for good, and is not faster than can be",
  { timeout: 30_000 },
  (name) => {
    const { result, runs } = simulate(readScenario(join(FOLDER, name)), { short: true });
    expect(result.requests).toBeLessThanOrEqual(2_000);
    runs.forEach(({ outcomes }, index) => {
      expect(new Set(outcomes.map(({ demand }) => demand)).size).toBe(result.requests);
      const { rate_limited = 0, ...others } = result.strategies[index]?.errors ?? {};
      expect(others).toEqual({});
      expect(rate_limited > 0).toBe(name === "limits.json");
      if (rate_limited === 0) expect(outcomes.length).toBe(result.requests);
      expect(result.strategies[index]?.ratio).toBeGreaterThanOrEqual(1);
      expect(result.strategies[index]?.jain).toBeLessThanOrEqual(1 + 1e-9);
    });
  },
);

test.each(["home-10.json", "lab-100.json"])(
  "%s: auto answers sooner and loads less than all others",
  (name) => {
    const [auto, ...others] = simulate(readScenario(join(FOLDER, name)), { short: true }).result.strategies;
    if (auto === undefined) throw new Error("nothing was simulated");
    for (const other of others) {
      expect(auto.latency_s.p50).toBeLessThan(other.latency_s.p50);
      expect(auto.latency_s.p95).toBeLessThan(other.latency_s.p95);
      expect(auto.cold_loads).toBeLessThan(other.cold_loads / 2);
    }
  },
);

test("the same seed gives the same, another seed gives another result", () => {
  const scenario = readScenario(join(FOLDER, "home-10.json"));
  const result = (seed: number): string =>
    JSON.stringify(simulate({ ...scenario, seed }, { short: true }).result.strategies);
  expect(result(1)).toBe(result(1));
  expect(result(2)).not.toBe(result(1));
});

test("the picture is one well-formed document that needs nothing else", () => {
  const scenario = { ...readScenario(join(FOLDER, "three-even.json")), name: `<a & "b">` };
  const { result, runs } = simulate(scenario);
  const picture = svg(result, runs);
  const open: string[] = [];
  for (const [, closing, name = "", , selfClosed] of picture.matchAll(
    /<(\/?)([a-z]+)((?:\s[a-z0-9-]+="[^"<&]*")*)\s*(\/?)>/gi,
  )) {
    if (closing === "/") expect(open.pop()).toBe(name);
    else if (selfClosed !== "/") open.push(name);
  }
  expect(open).toEqual([]);
  expect(picture.match(/[<>]/g)?.length).toBe(2 * (picture.match(/<\/?[a-z][^<>]*>/gi)?.length ?? 0));
  expect(picture).not.toMatch(/NaN|Infinity|undefined|&(?!amp;|lt;|gt;|quot;)/);
  expect(picture.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|@import/);
});

test("the command prints a table or JSON, and draws", () => {
  const folder = mkdtempSync(join(tmpdir(), "simulate-"));
  try {
    const args = [MAIN, "--scenario", join(FOLDER, "trace.json"), "--strategy", "auto"];
    const drawing = join(folder, "out.svg");
    const table = execFileSync(process.execPath, [...args, "--svg", drawing], { encoding: "utf8" });
    expect(table).toContain("makespan, s");
    expect(readFileSync(drawing, "utf8")).toMatch(/^<svg /);
    const json: unknown = JSON.parse(
      execFileSync(process.execPath, [...args, "--json"], { encoding: "utf8" }),
    );
    expect(json).toMatchObject({ requests: 120, strategies: [{ strategy: "auto", errors: {} }] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  [["--strategy", "auto"], "--scenario FILE is missing"],
  [["--scenario", join(FOLDER, "trace.json"), "--strategy", "best"], "--strategy: best is none of auto, "],
  [["--scenario", join(FOLDER, "nothing.json")], "nothing.json: ENOENT"],
  [["--fast"], "--fast"],
])("what cannot be done (%j) is said in one line, with exit code 2", (args, message) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr.trimEnd().split("\n").length).toBe(1);
  expect(stderr).toContain(message);
  expect(stdout).toBe("");
});
