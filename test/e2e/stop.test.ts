import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../support/hosts/host.ts";
import { startStandIn } from "../support/ollama/stand-in.ts";

const PROGRAM = fileURLToPath(new URL("../../worker/serve/main.ts", import.meta.url));

/** What `npm start` starts: a coordinator with this machine's agent, as a terminal's foreground group. */
async function startBoth(ollamaUrl: string) {
  const dataDir = mkdtempSync(join(tmpdir(), "stop-"));
  const child = spawn(process.execPath, [PROGRAM, "--port", "0", "--data-dir", dataDir], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, OLLAMA_URL: ollamaUrl },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const group = child.pid ?? 0;
  const ended = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
  onTestFinished(async () => {
    if (child.exitCode === null) process.kill(-group, "SIGKILL");
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  });
  const url = await until("the agent is online", () =>
    output.includes("online as") ? /Ollama Coordinator\s+(\S+)/.exec(output)?.[1] : undefined,
  );
  const { client_key: key } = JSON.parse(readFileSync(join(dataDir, "secrets.json"), "utf8")) as {
    client_key: string;
  };
  return { url, key, ended, ctrlC: () => process.kill(-group, "SIGINT") };
}

// Windows has neither process groups nor a signal that another process could send.
test.skipIf(process.platform === "win32")(
  "a Ctrl-C that reaches coordinator and agent twice lets the running answer end",
  async () => {
    const ollama = await startStandIn({ models: ["m"], tokens: 60, tokenDelayMs: 30 });
    onTestFinished(() => ollama.close());
    const { url, key, ended, ctrlC } = await startBoth(ollama.url);
    const answer = await fetch(`${url}/api/chat`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] }),
    });
    // The terminal signals the whole group, and npm passes the signal on once more.
    ctrlC();
    ctrlC();
    const lines = (await answer.text()).trim().split("\n");
    expect(lines).toHaveLength(61);
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ done: true });
    expect(await ended).toBe(0);
  },
);
