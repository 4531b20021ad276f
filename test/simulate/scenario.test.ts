import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseScenario, readScenario } from "./scenario.ts";

const GOOD = {
  name: "good",
  models: [{ name: "m", size_gb: 5, count: 2 }],
  machines: [{ class: "pc", tokens_per_s: 50, memory_gb: 12 }],
  traffic: [{ key: "a", arrivals: { kind: "burst", requests: 3 } }],
};
const [MACHINE] = GOOD.machines;
const [TRAFFIC] = GOOD.traffic;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "scenario-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test("what is not said has a default", () => {
  const { machines, traffic, seed } = parseScenario(GOOD);
  expect(machines[0]).toMatchObject({ slots: 1, weight: 1, models: "all", loaded: [] });
  expect(traffic[0]).toMatchObject({ keys: 1 });
  expect(seed).toBe(1);
});

test.each<[string, unknown, string]>([
  ["a field that is missing", { ...GOOD, models: undefined }, "models: "],
  ["a field that nobody knows", { ...GOOD, machines: [{ ...MACHINE, cores: 4 }] }, "machines.0.cores: "],
  [
    "a speed of nothing",
    { ...GOOD, machines: [{ ...MACHINE, tokens_per_s: 0 }] },
    "machines.0.tokens_per_s: ",
  ],
  [
    "a way of arriving that nobody knows",
    { ...GOOD, traffic: [{ ...TRAFFIC, arrivals: { kind: "often" } }] },
    "traffic.0.arrivals.kind: ",
  ],
  [
    "a field of another way of arriving",
    { ...GOOD, traffic: [{ ...TRAFFIC, arrivals: { kind: "burst", requests: 1, per_s: 2 } }] },
    "traffic.0.arrivals.per_s: ",
  ],
  [
    "a smallest above the largest",
    { ...GOOD, traffic: [{ ...TRAFFIC, prompt_tokens: { min: 9, max: 3 } }] },
    "traffic.0.prompt_tokens.min: min is above max",
  ],
  [
    "a model on a disk that is none",
    { ...GOOD, machines: [{ ...MACHINE, models: ["m-1", "x"] }] },
    "machines.0.models.1: no model is called x",
  ],
  [
    "a model in memory that is none",
    { ...GOOD, machines: [{ ...MACHINE, loaded: ["m-3"] }] },
    "machines.0.loaded.0: no model is called m-3",
  ],
  [
    "a model asked for that is none",
    { ...GOOD, traffic: [{ ...TRAFFIC, models: ["x"] }] },
    "traffic.0.models.0: no model is called x",
  ],
  ["a limit that is none", { ...GOOD, keys: { a: { rpm: 0 } } }, "keys.a.rpm: "],
  ["a limit that nobody knows", { ...GOOD, keys: { a: { rps: 1 } } }, "keys.a.rps: "],
  [
    "a key that nobody has",
    { ...GOOD, keys: { a: { rpm: 1 }, b: { rpm: 1 } } },
    "keys.b: nobody sends with this key",
  ],
  ["nobody who asks", { ...GOOD, traffic: [] }, "traffic: "],
  ["no object", 7, "Invalid input"],
])("%s is refused with the field's name, in one line", (_, scenario, message) => {
  const attempt = (): unknown => parseScenario(scenario);
  expect(attempt).toThrow(message);
  expect(attempt).toThrow(/^[^\n]*$/);
});

test("a bad line of a trace is refused with its number", () => {
  const line = { at_s: 0, key: "a", model: "m-1", prompt_tokens: 1, completion_tokens: 1 };
  const scenario = file("s.json", JSON.stringify({ ...GOOD, traffic: [], trace: "t.jsonl" }));
  file("t.jsonl", `${JSON.stringify(line)}\n\n`);
  expect(readScenario(scenario).requests).toEqual([line]);
  file("t.jsonl", `${JSON.stringify(line)}\n${JSON.stringify({ ...line, at_s: -1 })}`);
  expect(() => readScenario(scenario)).toThrow("t.jsonl:2: at_s: ");
  file("t.jsonl", `${JSON.stringify(line)}\n{`);
  expect(() => readScenario(scenario)).toThrow("t.jsonl:2: ");
  file("t.jsonl", JSON.stringify({ ...line, model: "x" }));
  expect(() => readScenario(scenario)).toThrow("trace: no model is called x");
});

test("keys that only a trace has may have limits, and no others", () => {
  const line = { at_s: 0, key: "b", model: "m-1", prompt_tokens: 1, completion_tokens: 1 };
  file("t.jsonl", JSON.stringify(line));
  const withKeys = (keys: object): string =>
    file("s.json", JSON.stringify({ ...GOOD, trace: "t.jsonl", keys }));
  expect(readScenario(withKeys({ a: { tpm: 9 }, b: { rpm: 2 } })).keys.b).toEqual({ rpm: 2 });
  expect(() => readScenario(withKeys({ c: { rpm: 2 } }))).toThrow("keys.c: nobody sends with this key");
});

test("a file that is no JSON is refused with its name", () => {
  expect(() => readScenario(file("broken.json", "{"))).toThrow("broken.json: ");
});
