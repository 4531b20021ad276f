import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_MODELS } from "../../agent/ollama/models/default-model.ts";
import type { AgentStatus } from "../../agent/program/status.ts";
import { admin, listAgents, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { processesNaming } from "../support/process-table.ts";
import { type Program, startProgram } from "../support/program.ts";
import { type ReleaseServer, startReleaseServer } from "../support/releases/release-server.ts";
import { makeRunnableRelease } from "../support/releases/runnable-release.ts";

/** Nothing there but a home directory: the way of somebody who has never had Ollama. */
describe("a new user's machine", () => {
  let host: TestHost;
  let releases: ReleaseServer;
  let home: string;
  let agent: Program;
  const programs: Program[] = [];

  beforeAll(async () => {
    host = await startNodeHost();
    releases = await startReleaseServer({ releases: [await makeRunnableRelease("0.32.1")] });
    home = mkdtempSync(join(tmpdir(), "new-user-"));
    agent = run("run", "--coordinator-url", host.url, "--yes");
  });
  afterAll(async () => {
    for (const program of programs) await program.end("SIGTERM");
    await releases.close();
    await host.stop();
    rmSync(home, { recursive: true, force: true });
  });

  /** The machine's own settings must not reach it, and a server of the machine's user must not be found. */
  function run(...args: string[]): Program {
    const program = startProgram("agent", args, {
      HOME: home,
      XDG_STATE_HOME: "",
      PATH: "/usr/bin:/bin",
      OLLAMA_RELEASES_URL: releases.url,
      ADMIN_TOKEN: "must-not-be-inherited",
    });
    programs.push(program);
    return program;
  }
  async function command(...args: string[]): Promise<{ code: number | null; output: string }> {
    const program = run(...args);
    const code = await program.exited();
    return { code, output: program.output() };
  }
  async function status(): Promise<AgentStatus> {
    return JSON.parse((await command("status", "--json")).output).agent;
  }
  async function ask(model: string): Promise<Response> {
    const { key } = await makeKey(host);
    return fetch(`${host.url}/api/generate`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model, prompt: "hi", stream: false }),
    });
  }

  test("is in with one command and one code, with Ollama and a model, and answers", async () => {
    const code = await until("a code", () => /pairing code (\w{4}-\d{4})/.exec(agent.output())?.[1]);
    await admin(host, "POST", "/api/admin/pairings/approve", { code });
    const [machine] = await until("it is routable with a model", async () => {
      const agents = await listAgents(host);
      return agents[0]?.routable && agents[0].models.length > 0 ? agents : undefined;
    });
    expect(machine?.ollama_version).toBe("0.32.1");
    const model = machine?.models[0]?.name ?? "";
    expect(DEFAULT_MODELS.map(({ name }) => name)).toContain(model);
    const answer = await ask(model);
    expect([answer.status, answer.headers.get("x-coordinator-reason")]).toEqual([200, "only-holder"]);
    expect(readdirSync(home)).toEqual([".local"]);
  });

  test("tells its owner how it is, and obeys", async () => {
    const { ollama, connection, job } = await status();
    expect({ source: ollama.source, version: ollama.version, connection: connection.state, job }).toEqual({
      source: "managed",
      version: "0.32.1",
      connection: "online",
      job: null,
    });
    const model = ollama.models[0]?.name ?? "";
    expect((await command("pause", "--for", "1h")).code).toBe(0);
    await until(
      "the coordinator knows",
      async () => (await listAgents(host))[0]?.yielding?.reason === "paused",
    );
    const refused = await ask(model);
    expect([refused.status, (await refused.json()).error]).toEqual([503, expect.stringContaining("paused")]);
    expect((await command("resume")).code).toBe(0);
    await until("it is shared again", async () => (await listAgents(host))[0]?.routable);
    expect((await ask(model)).status).toBe(200);
  });

  test("updates Ollama, keeps the old one when the new one does not answer, and goes back on request", async () => {
    releases.releases.push(await makeRunnableRelease("0.33.0", { failsWith: "no GPU library" }));
    const broken = await command("ollama", "update", "--yes");
    expect(broken.code).toBe(1);
    expect(broken.output).toMatch(/0\.33\.0 does not answer .*back on 0\.32\.1/);
    expect((await status()).ollama.version).toBe("0.32.1");

    releases.releases.push(await makeRunnableRelease("0.33.1"));
    const updated = await command("ollama", "update", "--yes");
    expect([updated.code, updated.output]).toEqual([0, expect.stringContaining("Ollama 0.33.1 is ready")]);
    expect((await status()).ollama.models).toHaveLength(1);
    expect((await command("ollama", "rollback", "--yes")).code).toBe(0);
    expect((await status()).ollama.version).toBe("0.32.1");
  });

  test("leaves nothing running when it is stopped", async () => {
    expect(await agent.end("SIGTERM")).toBe(0);
    expect(processesNaming(home)).toEqual([]);
  });
});
