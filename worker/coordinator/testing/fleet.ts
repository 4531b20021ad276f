import { Agent } from "../agent.ts";
import type { Machines } from "../scheduling/assess.ts";
import { ModelIndex } from "../scheduling/model-index.ts";
import { Tunnel } from "../tunnel.ts";
import { models, storedAgent } from "./bench.ts";
import { FakeSocket } from "./fake-socket.ts";

const nobody = {
  coordinator: { message: () => {}, closed: () => {} },
  agent: { message: () => {}, closed: () => {} },
  now: () => 0,
};

/** An agent without a program: what the scheduler sees of one, set by hand. */
export function agentOf(
  id: string,
  options: { models?: string[]; slots?: number; online?: boolean; index?: ModelIndex } = {},
): Agent {
  const agent = new Agent(storedAgent(id, { max_concurrency: options.slots ?? 1 }), options.index);
  agent.update({ ollama: "ok", models: models(...(options.models ?? ["m"])) });
  if (options.online !== false) connect(agent);
  return agent;
}

export function connect(agent: Agent, instanceId = "instance"): void {
  agent.tunnel = new Tunnel({
    instanceId,
    machineHash: "machine",
    connectedAt: 0,
    defer: () => {},
    window: () => 16_384,
    random: () => 0,
  });
  agent.tunnel.socket = new FakeSocket(nobody);
  agent.lostAt = undefined;
}

/** Without a goodbye. */
export function disconnect(agent: Agent, now: number): void {
  agent.tunnel = undefined;
  agent.lostAt = now;
}

/** A fleet that changes as the array does. */
export function machinesOf(agents: () => readonly Agent[]): Machines {
  return {
    all: agents,
    get: (id) => agents().find((agent) => agent.id === id),
    holders: (model) => {
      const index = new ModelIndex();
      for (const agent of agents())
        for (const replica of agent.replica(model) === undefined ? [] : agent.replicas) index.put(replica);
      return index.holders(model);
    },
  };
}
