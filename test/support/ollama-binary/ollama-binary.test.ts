import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../free-port.ts";
import { makeOllamaBinary } from "./make-ollama-binary.ts";

const run = promisify(execFile);

let dir: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ollama-binary-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

async function serve(path: string) {
  const host = `127.0.0.1:${await freePort()}`;
  const child = spawn(path, ["serve"], {
    env: { ...process.env, OLLAMA_HOST: host, OLLAMA_MODELS: join(dir, "models") },
    stdio: ["ignore", "ignore", "pipe"],
  });
  children.push(child);
  let said = "";
  await new Promise<void>((resolve) => {
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (/Listening on|Error:/.test(said)) resolve();
    });
  });
  return { host, child, said };
}

describe("the stand-in of an ollama program", () => {
  it("works where it was moved to, and says its version as the real one does", async () => {
    makeOllamaBinary(join(dir, "a"), { version: "0.32.1" });
    renameSync(join(dir, "a"), join(dir, "b"));
    const path = join(dir, "b", "bin", "ollama");
    const { host, child } = await serve(path);
    const env = { ...process.env, OLLAMA_HOST: host };
    expect((await run(path, ["--version"], { env })).stdout).toBe("ollama version is 0.32.1\n");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect((await run(path, ["--version"], { env })).stdout).toBe(
      "Warning: could not connect to a running Ollama instance\nWarning: client version is 0.32.1\n",
    );
  });

  it("fails and falls silent on demand", async () => {
    const failing = makeOllamaBinary(join(dir, "failing"), { failsWith: "out of luck" });
    const { child, said } = await serve(failing.path);
    expect(said).toContain("Error: out of luck");
    if (child.exitCode === null) await once(child, "exit");
    expect(child.exitCode).toBe(1);

    const silent = makeOllamaBinary(join(dir, "silent"), { silent: true });
    const { host, child: hanging } = await serve(silent.path);
    await expect(fetch(`http://${host}/api/version`, { signal: AbortSignal.timeout(200) })).rejects.toThrow(
      "timeout",
    );
    hanging.kill("SIGKILL");
    await once(hanging, "exit");
  });
});
