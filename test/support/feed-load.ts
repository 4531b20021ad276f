import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClientSide } from "../../worker/coordinator/client-side.ts";
import type { Coordinator } from "../../worker/coordinator/coordinator.ts";
import { FakeAgent, type FakeRequest } from "../../worker/coordinator/testing/fake-agent.ts";
import { startCoordinatorServer } from "../../worker/serve/coordinator-server.ts";
import { sha256 } from "../../worker/serve/node-deps.ts";

/** How often the simulated machines go on, ms. */
const STEP_MS = 50;
/** Every machine says so often how busy it is, ms. */
const STATE_MS = 10_000;
const MODELS = ["llama3.2:3b", "qwen3:8b", "gemma3:4b", "mistral:7b", "phi4:14b"];

export interface FeedLoadOptions {
  agents: number;
  requestsPerSecond: number;
}

/** Machines without processes that answer requests without clients, in the coordinator's own process. */
export interface FeedLoad {
  readonly agents: readonly FakeAgent[];
  /** Requests that have ended. */
  readonly finished: number;
  /** No more requests; those that run end. */
  stop(): Promise<void>;
}

/** Registers the machines, connects them, and keeps them busy until it is stopped. */
export async function startFeedLoad(coordinator: Coordinator, options: FeedLoadOptions): Promise<FeedLoad> {
  const streams: { request: FakeRequest; left: number; tokens: number }[] = [];
  const begin = (request: FakeRequest): void => {
    const tokens = 4 + Math.floor(Math.random() * 16);
    request.respond();
    streams.push({ request, left: tokens, tokens });
  };
  const agents = await register(coordinator, options.agents, begin);
  let finished = 0;
  let owed = 0;
  let told = 0;
  let number = 0;
  const running = new Set<Promise<unknown>>();
  const ask = (): void => {
    const outcome = coordinator
      .forward(callOf(++number), null, new NobodyInParticular())
      .finally(() => running.delete(outcome));
    running.add(outcome);
    void outcome.then(() => finished++);
  };
  const step = (): void => {
    for (const stream of streams.splice(0)) {
      if (!stream.request.open) continue;
      stream.request.write(`{"message":{"content":" token"},"done":false,"left":${stream.left}}\n`);
      if (--stream.left > 0) streams.push(stream);
      else stream.request.finish({ prompt_tokens: 20, completion_tokens: stream.tokens, eval_duration: 5e8 });
    }
    told += (agents.length * STEP_MS) / STATE_MS;
    for (; told >= 1; told--) tell(agents[Math.floor(Math.random() * agents.length)]);
  };
  const timer = setInterval(() => {
    step();
    owed += (options.requestsPerSecond * STEP_MS) / 1_000;
    for (; owed >= 1; owed--) ask();
  }, STEP_MS);
  return {
    agents,
    get finished() {
      return finished;
    },
    stop: async () => {
      clearInterval(timer);
      const rest = setInterval(step, STEP_MS);
      await Promise.all(running);
      clearInterval(rest);
    },
  };
}

async function register(
  coordinator: Coordinator,
  count: number,
  begin: (request: FakeRequest) => void,
): Promise<FakeAgent[]> {
  const made = await coordinator.createJoinToken({ name: "load", expires_in_s: 3_600, max_uses: count });
  if (!made.ok) throw new Error(made.error.message);
  const hash = sha256(made.value.token);
  const agents: FakeAgent[] = [];
  for (let index = 0; index < count; index++) {
    const name = `machine-${String(index).padStart(4, "0")}`;
    const machine = { machine_name: name, ip_address: "", ollama_version: "0.33.0", ollama_port: 11_434 };
    const registered = await coordinator.register(hash, { ...machine, os: "Linux 6.8" });
    if (!registered.ok) throw new Error(registered.error.message);
    const agent = new FakeAgent({
      id: registered.value.agent_id,
      name,
      serve: (request) => {
        // It writes down all that ever came, which here is a lot.
        agent.requests.length = 0;
        if (agent.socket !== undefined) agent.socket.sent.length = 0;
        begin(request);
      },
      state: {
        models: MODELS.map((model) => ({ name: model, size: 4e9 })),
        loaded: MODELS.slice(0, 2).map((model) => ({ name: model, size: 4e9 })),
        ollama_parallel: 2,
        gpus: [{ name: "NVIDIA GeForce RTX 4090", memory_total_mb: 24_576, memory_used_mb: 8_000 }],
        cpu_usage: 5,
        memory_usage: 40,
      },
    });
    agent.dial(coordinator, Date.now);
    agents.push(agent);
  }
  return agents;
}

/** How busy it is; that it is there, at least. */
function tell(agent: FakeAgent | undefined): void {
  const percent = (): number => Math.round(Math.random() * 1_000) / 10;
  agent?.tell({
    cpu_usage: percent(),
    memory_usage: percent(),
    gpus: [{ name: "NVIDIA GeForce RTX 4090", memory_total_mb: 24_576, utilization: percent() }],
  });
}

function callOf(number: number): Parameters<Coordinator["forward"]>[0] {
  return {
    id: crypto.randomUUID(),
    caller: { kind: "admin" },
    method: "POST",
    endpoint: "/api/chat",
    class: "infer",
    dialect: "native",
    since: undefined,
    path: "/api/chat",
    model: MODELS[number % MODELS.length],
    agent: undefined,
    stream: true,
    headers: [],
    contentLength: 0,
    attempt: 1,
    avoid: [],
    ticket: undefined,
    mayRetry: true,
  };
}

class NobodyInParticular implements ClientSide {
  gone = false;
  onConsumed: (bytes: number) => void = () => {};
  onGone: () => void = () => {};
  head(): void {}
  write(bytes: Uint8Array): void {
    this.onConsumed(bytes.length);
  }
  end(): void {}
  fail(): void {}
}

/** The Node host in this process, with its databases in a folder of its own, and such a load. */
export async function startLoadedCoordinator(options: FeedLoadOptions): Promise<{
  readonly url: string;
  readonly adminToken: string;
  readonly coordinator: Coordinator;
  readonly load: FeedLoad;
  stop(): Promise<void>;
}> {
  const adminToken = "oct_admin-token-of-the-tests";
  const dataDir = mkdtempSync(join(tmpdir(), "feed-load-"));
  const silent = (): void => {};
  const server = await startCoordinatorServer({
    port: 0,
    host: "127.0.0.1",
    dataDir,
    adminToken,
    clientAuth: "required",
    hosts: [],
    corsOrigins: undefined,
    demo: false,
    log: { info: silent, warn: silent, error: (message) => console.error(message) },
  });
  const load = await startFeedLoad(server.coordinator, options);
  return {
    url: `http://127.0.0.1:${server.port}`,
    adminToken,
    coordinator: server.coordinator,
    load,
    stop: async () => {
      await load.stop();
      await server.stop(0);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
