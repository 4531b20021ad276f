import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { IdentityFile } from "../../agent/core/identity/identity-file.ts";
import { systemDoctorDeps } from "../../agent/program/doctor/deps.ts";
import { diagnose } from "../../agent/program/doctor/doctor.ts";
import type { Finding } from "../../agent/program/doctor/finding.ts";
import type { AgentView } from "../../shared/api/agents.ts";
import { HandMadeAgent, type Registered, registerAgent } from "../support/hand-made-agent.ts";
import { admin, type TestHost } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";

let host: TestHost;
let agent: Registered;
const stateDir = mkdtempSync(join(tmpdir(), "doctor-"));
beforeAll(async () => {
  host = await startNodeHost();
  agent = await registerAgent(host, "desk");
  await new IdentityFile(stateDir).write({
    coordinator_url: host.url,
    agent_id: agent.id,
    agent_token: agent.token,
    name: "desk",
  });
});
afterAll(async () => {
  await host.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

const WAY = ["settings", "dns", "tcp", "proxy", "coordinator", "clock", "upgrade", "token"];

async function examine(): Promise<Record<string, Finding["verdict"]>> {
  const findings = await diagnose(
    { coordinatorUrl: undefined, stateDir, ollamaUrl: "http://127.0.0.1:9", managedDir: undefined },
    { ...systemDoctorDeps, env: {}, readGpus: async () => [] },
    () => {},
  );
  return Object.fromEntries(
    findings.filter(({ step }) => WAY.includes(step)).map(({ step, verdict }) => [step, verdict]),
  );
}

const allWell = Object.fromEntries(WAY.map((step) => [step, "ok"]));
const view = (): Promise<AgentView> => admin(host, "GET", `/api/agents/${agent.id}`);

test("the doctor's look at a real coordinator leaves no trace there", async () => {
  const before = await view();
  expect(await examine()).toEqual(allWell);
  expect(await view()).toEqual(before);
  expect(before.status).toBe("offline");
});

test("the agent that is connected stays so while the doctor looks", async () => {
  const connected = await HandMadeAgent.online(host, agent.token);
  expect(await examine()).toEqual(allWell);
  expect(connected.socket.readyState).toBe(WebSocket.OPEN);
  expect((await view()).status).toBe("online");
  await connected.close();
});

test("an agent that was removed is told so, and nothing else is broken", async () => {
  await admin(host, "DELETE", `/api/agents/${agent.id}`);
  expect(await examine()).toEqual({ ...allWell, token: "broken" });
});
