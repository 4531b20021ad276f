import type { RegisterResponse } from "../../shared/api/register.ts";
import type { AgentProcess } from "../support/agent-process.ts";
import { HandMadeAgent } from "../support/hand-made-agent.ts";
import { admin, makeJoinToken, type TestHost, until } from "../support/hosts/host.ts";
import type { TcpProxy } from "../support/tcp-proxy.ts";

/** Cuts an agent's connection and waits until it is back. */
export async function reconnect(agent: AgentProcess, network: TcpProxy): Promise<void> {
  const before = lastOnline(agent);
  network.cut();
  await until(
    `${agent.name} is back: ${agent.output().slice(-2_000)}`,
    () => lastOnline(agent) !== before,
    60_000,
  );
}

/** The last line in which it says that it is online; its time makes each another one. */
function lastOnline(agent: AgentProcess): string | undefined {
  return agent
    .output()
    .split("\n")
    .findLast((line) => line.includes('"msg":"online as'));
}

/** Machines that come to stay and are sent away again. */
export async function comeAndGo(host: TestHost, count: number): Promise<void> {
  if (count === 0) return;
  const joinToken = await makeJoinToken(host, count);
  for (let at = 0; at < count; at++) {
    const response = await fetch(`${host.url}/api/agents/register`, {
      method: "POST",
      headers: { authorization: `Bearer ${joinToken}`, "content-type": "application/json" },
      body: JSON.stringify({
        machine_name: `guest-${at}`,
        ip_address: "",
        ollama_version: "0.33.0",
        ollama_port: 11434,
      }),
    });
    if (!response.ok) throw new Error(`register: ${response.status} ${await response.text()}`);
    const { agent_id, agent_token } = (await response.json()) as RegisterResponse;
    const guest = await HandMadeAgent.online(host, agent_token ?? "");
    await admin(host, "DELETE", `/api/agents/${agent_id}`);
    await guest.closed;
  }
}
