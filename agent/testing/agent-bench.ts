import { mkdtemp, rm } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, type AgentDeps, type AgentOptions, type Outcome } from "../core/agent.ts";
import { systemClock } from "../core/clock.ts";
import type { AgentEvent } from "../core/observer.ts";
import { DIRECT } from "../core/proxy.ts";
import { FakeCoordinator } from "./fake-coordinator.ts";
import { httpServer, type TestServer } from "./http-server.ts";
import { Journal } from "./journal.ts";

/** A coordinator, an Ollama and an agent between them, and everything that is to be cleaned up. */
export class Bench {
  readonly events = new Journal<AgentEvent>();
  readonly coordinator: FakeCoordinator;
  readonly ollama: TestServer;
  readonly stateDir: string;
  readonly #agents: Agent[] = [];

  private constructor(coordinator: FakeCoordinator, ollama: TestServer, stateDir: string) {
    this.coordinator = coordinator;
    this.ollama = ollama;
    this.stateDir = stateDir;
  }

  /** `answer` is Ollama for every path but those that the agent asks by itself; `models` are what it lists. */
  static async open(
    answer: RequestListener = (_request, response) => response.end(),
    models: readonly object[] = [{ name: "tiny:latest", size: 1 }],
  ): Promise<Bench> {
    const known: Readonly<Record<string, string>> = { ...OWN, "/api/tags": JSON.stringify({ models }) };
    const ollama = await httpServer((request, response) => {
      const own = request.method === "GET" ? known[request.url ?? ""] : undefined;
      if (own === undefined) answer(request, response);
      else response.end(own);
    });
    const stateDir = await mkdtemp(join(tmpdir(), "agent-test-"));
    return new Bench(await FakeCoordinator.start(), ollama, join(stateDir, "state"));
  }

  agent(options: Partial<AgentOptions> = {}, deps: Partial<AgentDeps> = {}): Agent {
    const agent = new Agent(
      {
        coordinatorUrl: this.coordinator.url,
        joinToken: "join-token-1",
        ollamaUrl: this.ollama.url,
        name: "bench",
        stateDir: this.stateDir,
        maxConcurrency: undefined,
        allowManage: false,
        heartbeatMs: undefined,
        ollamaParallel: undefined,
        machineHash: "0".repeat(64),
        ...options,
      },
      {
        clock: systemClock,
        random: () => 0,
        proxy: DIRECT,
        sampleUsage: () => ({ cpu_usage: 1, memory_usage: 2 }),
        readGpus: async () => [],
        readCapacity: async () => ({}),
        readParallel: async () => undefined,
        observe: this.events.push,
        ...deps,
      },
    );
    this.#agents.push(agent);
    return agent;
  }

  /** An agent that is online. */
  async online(
    options: Partial<AgentOptions> = {},
    deps: Partial<AgentDeps> = {},
  ): Promise<{ agent: Agent; outcome: Promise<Outcome> }> {
    const agent = this.agent(options, deps);
    const outcome = agent.run();
    await this.events.find((event) => (event.type === "online" ? true : undefined));
    return { agent, outcome };
  }

  async close(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.stop({ graceMs: 0 })));
    await this.coordinator.stop();
    await this.ollama.close();
    await rm(join(this.stateDir, ".."), { recursive: true, force: true });
  }
}

const OWN: Readonly<Record<string, string>> = {
  "/api/version": '{"version":"0.33.0"}',
  "/api/ps": '{"models":[]}',
};
