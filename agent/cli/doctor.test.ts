import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { resolveOptions } from "../../shared/lib/options.ts";
import { Clinic, TOKEN } from "../testing/doctor-clinic.ts";
import { doctor } from "./doctor.ts";
import { OPTIONS } from "./options.ts";

let clinic: Clinic;
let printed: string;
beforeEach(async () => {
  clinic = await Clinic.open();
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await clinic.close();
});

function run(...flags: string[]): Promise<number> {
  const argv = ["--state-dir", clinic.stateDir, "--ollama-url", clinic.ollama.url, ...flags];
  const resolved = resolveOptions(OPTIONS, { argv, env: {}, config: undefined });
  if (!resolved.ok) throw new Error(resolved.error);
  return doctor(resolved.values, resolved);
}

test("each step is a line, and exit code 0 means that nothing is broken", async () => {
  expect(await run()).toBe(0);
  expect(printed).toMatch(
    /^ok {7}settings {8}coordinator http:\/\/localhost:\d+, from this machine's registration$/m,
  );
  expect(printed).toMatch(/\nnothing is broken\n$/);
  expect(printed).not.toContain(TOKEN);
});

test("what is broken is named with what to do, and is exit code 1", async () => {
  clinic.knowsToken = false;
  expect(await run("--coordinator-url", clinic.url)).toBe(1);
  expect(printed).toMatch(
    /^BROKEN {3}token {11}the coordinator does not know this agent's token.*\n {25}start the agent/m,
  );
  expect(printed).toContain("from the command line");
  expect(printed).toMatch(/\nbroken: token\n$/);
});

test("--json is one object for a script", async () => {
  expect(await run("--json")).toBe(0);
  expect(JSON.parse(printed)).toMatchObject({
    well: true,
    steps: expect.arrayContaining([expect.objectContaining({ step: "token", verdict: "ok" })]),
  });
});
