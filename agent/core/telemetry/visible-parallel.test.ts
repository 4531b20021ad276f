import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { visibleParallel } from "./visible-parallel.ts";

let proc: string;
let pids: number;

beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), "proc-"));
  pids = 100;
  mkdirSync(join(proc, "self"));
});
afterEach(() => rmSync(proc, { recursive: true }));

function runs(command: string[], environment: Record<string, string> | undefined): void {
  const dir = join(proc, String(++pids));
  mkdirSync(dir);
  writeFileSync(join(dir, "cmdline"), `${command.join("\0")}\0`);
  if (environment === undefined) return;
  const text = Object.entries(environment).map(([name, value]) => `${name}=${value}\0`);
  writeFileSync(join(dir, "environ"), text.join(""));
}

const SERVE = ["/usr/local/bin/ollama", "serve"];
const HERE = "http://127.0.0.1:11434";

test.each<[string, Record<string, string>, number | undefined]>([
  ["what it was started with", { OLLAMA_NUM_PARALLEL: "4" }, 4],
  ["one where nothing is set, as Ollama does", { PATH: "/bin" }, 1],
  ["nothing where Ollama chooses itself", { OLLAMA_NUM_PARALLEL: "0" }, undefined],
  ["nothing of what is no number", { OLLAMA_NUM_PARALLEL: "many" }, undefined],
  [
    "nothing of one that listens elsewhere",
    { OLLAMA_NUM_PARALLEL: "4", OLLAMA_HOST: "127.0.0.1:9999" },
    undefined,
  ],
  ["that of one with an address and no port", { OLLAMA_NUM_PARALLEL: "4", OLLAMA_HOST: "0.0.0.0" }, 4],
  [
    "that of one with a scheme and a port",
    { OLLAMA_NUM_PARALLEL: "2", OLLAMA_HOST: "http://0.0.0.0:11434/" },
    2,
  ],
])("tells %s", async (_, environment, expected) => {
  runs(["/usr/bin/bash", "-c", "ollama serve"], { OLLAMA_NUM_PARALLEL: "9" });
  runs(["/usr/local/bin/ollama", "run", "x"], { OLLAMA_NUM_PARALLEL: "8" });
  runs(SERVE, environment);
  expect(await visibleParallel(HERE, proc)).toBe(expected);
});

test("of two it tells that at the address", async () => {
  runs(SERVE, { OLLAMA_NUM_PARALLEL: "4" });
  runs(SERVE, { OLLAMA_NUM_PARALLEL: "2", OLLAMA_HOST: "127.0.0.1:11500" });
  expect(await visibleParallel("http://localhost:11500", proc)).toBe(2);
});

test("one whose environment is not for this user says nothing, and neither does a system without processes to look at", async () => {
  runs(SERVE, undefined);
  expect(await visibleParallel(HERE, proc)).toBeUndefined();
  expect(await visibleParallel(HERE, join(proc, "none"))).toBeUndefined();
});

test("an Ollama on another machine is not looked for on this one", async () => {
  runs(SERVE, { OLLAMA_NUM_PARALLEL: "4" });
  expect(await visibleParallel("http://gpu-box:11434", proc)).toBeUndefined();
});
