import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AgentView } from "../../shared/api/agents.ts";
import type { PairingView } from "../../shared/api/pairing.ts";
import { routable } from "../support/agent-process.ts";
import { onBothHosts } from "../support/hosts/both-hosts.ts";
import { admin, listAgents, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { type StandInOllama, startStandIn } from "../support/ollama/stand-in.ts";
import { type Program, startProgram } from "../support/program.ts";

const NAMES = ["welcome", "stranger", "patient"] as const;
type Name = (typeof NAMES)[number];

onBothHosts("a machine that knows only the coordinator's URL", (startHost) => {
  let host: TestHost;
  let ollama: StandInOllama;
  let dir: string;
  const programs = new Map<string, Program>();

  beforeAll(async () => {
    [host, ollama] = await Promise.all([startHost(), startStandIn({ models: ["m"], tokens: 2 })]);
    dir = mkdtempSync(join(tmpdir(), "pairing-"));
    // All at once: most of what they do is waiting.
    for (const name of NAMES) start(name);
  });
  afterAll(async () => {
    for (const program of programs.values()) await program.end();
    await ollama.close();
    await host.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  function start(name: Name): Program {
    const program = startProgram("agent", [
      ...["--coordinator-url", host.url, "--ollama-url", ollama.url],
      ...["--name", name, "--state-dir", join(dir, name)],
    ]);
    programs.set(name, program);
    return program;
  }
  const program = (name: Name): Program => programs.get(name) ?? start(name);
  const codeOf = (name: Name): Promise<string> =>
    until(`${name} shows a code`, () => /pairing code (\w{4}-\d{4})/.exec(program(name).output())?.[1]);
  const waiting = async (): Promise<PairingView[]> =>
    (await admin<{ items: PairingView[] }>(host, "GET", "/api/admin/pairings")).items;

  test("shows a code, is let in by whoever types it, and answers requests", async () => {
    const code = await codeOf("welcome");
    expect(program("welcome").output()).toContain(`type it at ${host.url}/dashboard`);
    const listed = (await waiting()).find(({ machine_name }) => machine_name === "welcome");
    expect(listed).toMatchObject({ caller_address: "127.0.0.1", os: expect.any(String) });
    expect(await listAgents(host)).toEqual([]);

    const typed = code.toLowerCase().replace("-", " ");
    const agent = await admin<AgentView>(host, "POST", "/api/admin/pairings/approve", { code: typed });
    expect(agent.name).toBe("welcome");
    await routable(host, "welcome");
    const { key } = await makeKey(host);
    const answer = await fetch(`${host.url}/api/generate`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: "m", prompt: "hi", stream: false }),
    });
    expect([answer.status, answer.headers.get("x-coordinator-agent")]).toEqual([200, "welcome"]);
  });

  test("stays that machine when it is started again, and needs no code", async () => {
    const [before] = await listAgents(host);
    await program("welcome").end("SIGTERM");
    const again = start("welcome");
    await until("it is online again", () => again.output().includes("online as welcome"));
    expect(again.output()).not.toContain("pairing code");
    expect((await listAgents(host)).map(({ id }) => id)).toEqual([before?.id]);
  });

  test("that is turned away ends, and says so in one line", async () => {
    const code = await codeOf("stranger");
    await admin(host, "POST", "/api/admin/pairings/reject", { code });
    expect(await program("stranger").exited()).toBe(3);
    expect(program("stranger").errors()).toMatch(/^agent: this machine was not let in at \S+: [^\n]+\n$/);
    expect((await listAgents(host)).map(({ name }) => name)).not.toContain("stranger");
  });

  test("is let in by its code although the coordinator was restarted meanwhile", async () => {
    const code = await codeOf("patient");
    await host.restart();
    expect((await waiting()).map(({ machine_name }) => machine_name)).toEqual(["patient"]);
    await admin(host, "POST", "/api/admin/pairings/approve", { code });
    await routable(host, "patient");
    expect(await waiting()).toEqual([]);
  });
});
