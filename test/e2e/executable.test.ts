import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { ownTarget } from "../../scripts/build/targets.ts";
import { PROGRAM_VERSION } from "../../shared/protocol/version.ts";
import { routable, startAgent } from "../support/agent-process.ts";
import { ask } from "../support/ask.ts";
import { buildAgentExecutable } from "../support/executable.ts";
import { makeKey } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startStandIn } from "../support/ollama/stand-in.ts";

/** Undefined on a platform that no release is made for. */
const target = ownTarget();
const folder = mkdtempSync(join(tmpdir(), "executable-"));
let agent: string;
beforeAll(async () => {
  if (target !== undefined) agent = await buildAgentExecutable(target, folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Nothing on the path: what it needs is in the file. */
const BARE = { PATH: "" };

test.skipIf(target === undefined)(
  "the agent's executable answers for itself on a machine without Node",
  () => {
    const run = (...args: string[]) => spawnSync(agent, args, { env: BARE, encoding: "utf8" });
    expect(run("--version")).toMatchObject({ status: 0, stdout: `${PROGRAM_VERSION}\n`, stderr: "" });
    expect(run("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("--coordinator-url") });
    expect(run("--nope")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^agent: unknown flag.*\n$/),
    });
  },
);

test.skipIf(target === undefined)(
  "the agent's executable joins a coordinator, answers, and stops in order",
  async () => {
    const host = await startNodeHost();
    onTestFinished(() => host.stop());
    const ollama = await startStandIn();
    onTestFinished(() => ollama.close());
    const running = await startAgent(host, {
      name: "packed",
      ollamaUrl: ollama.url,
      executable: agent,
      env: BARE,
    });
    onTestFinished(() => running.dispose());
    await routable(host, "packed");
    const { key } = await makeKey(host);
    const answer = await ask({ url: host.url, key, path: "/api/tags", method: "GET" }).answer;
    expect(answer.status).toBe(200);
    const [model] = JSON.parse(answer.text).models;
    const chat = await ask({
      url: host.url,
      key,
      path: "/api/generate",
      body: { model: model.name, prompt: "x" },
    }).answer;
    expect(chat).toMatchObject({ status: 200, end: "complete" });
    expect(chat.headers["x-coordinator-agent"]).toBeTruthy();
    const code = await running.end("SIGTERM");
    // Windows has no signal to ask with: there it is ended.
    if (process.platform !== "win32") expect(code).toBe(0);
  },
);
