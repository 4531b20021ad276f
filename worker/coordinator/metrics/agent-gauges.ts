import type { Metric, Sample } from "../../../shared/api/metrics.ts";
import type { Agent } from "../agent.ts";
import { gauge } from "./family.ts";

const BYTES_PER_MB = 1024 * 1024;

/** Every machine is in exactly one; the first says that it takes work. */
const STATES = [
  "online",
  "offline",
  "coming_back",
  "draining",
  "stopping",
  "yielding",
  "ollama_absent",
  "ollama_hung",
] as const;
type State = (typeof STATES)[number];

/** What the machines are and do at this moment. */
export function agentGauges(agents: Iterable<Agent>, now: number, windowMs: number): Metric[] {
  const states = new Map<State, number>(STATES.map((state) => [state, 0]));
  const breakers = { open: 0, half_open: 0 };
  const lines = new Lines();
  for (const agent of agents) {
    const state = stateOf(agent, now, windowMs);
    states.set(state, (states.get(state) ?? 0) + 1);
    const up = agent.presence(now, windowMs) === "online";
    lines.add("up", agent, up ? 1 : 0);
    lines.add("in_flight", agent, agent.inFlight);
    lines.add("slots", agent, agent.slots());
    let open = 0;
    for (const { breaker } of agent.replicas) {
      const stands = breaker.state(now);
      if (stands === "closed") continue;
      breakers[stands]++;
      open++;
    }
    lines.add("breakers_open", agent, open);
    // What a machine that is away said last is not what it is now.
    if (up) measured(agent, lines);
  }
  return [
    gauge("agents", "Registered machines by state.", fromCounts("state", states)),
    gauge(
      "breakers",
      "Models that failed on a machine and get no work there, or one try.",
      fromCounts("state", Object.entries(breakers)),
    ),
    gauge("agent_up", "Whether the machine is connected.", lines.of("up")),
    gauge("agent_in_flight", "Requests that the machine works on.", lines.of("in_flight")),
    gauge("agent_slots", "Requests that the machine takes at once.", lines.of("slots")),
    gauge(
      "agent_breakers_open",
      "Models that get no work on the machine because they failed.",
      lines.of("breakers_open"),
    ),
    gauge("agent_loaded_models", "Models in the machine's memory.", lines.of("loaded")),
    gauge("agent_tokens_per_second", "Speed of generation, smoothed.", lines.of("speed")),
    gauge("agent_cpu_usage_ratio", "Share of all cores in use, 0 to 1.", lines.of("cpu")),
    gauge("agent_memory_usage_ratio", "Share of memory in use, 0 to 1.", lines.of("memory")),
    gauge("agent_disk_free_bytes", "Free space for models.", lines.of("disk")),
    gauge("agent_gpu_utilization_ratio", "Share of the GPU in use, 0 to 1.", lines.of("gpu")),
    gauge("agent_gpu_memory_used_bytes", "GPU memory in use.", lines.of("gpu_used")),
    gauge("agent_gpu_memory_total_bytes", "GPU memory.", lines.of("gpu_total")),
  ];
}

function measured(agent: Agent, lines: Lines): void {
  const { state } = agent;
  lines.add("loaded", agent, state.loaded?.length ?? 0);
  lines.add("speed", agent, agent.speed.value);
  lines.add("cpu", agent, scaled(state.cpu_usage, 0.01));
  lines.add("memory", agent, scaled(state.memory_usage, 0.01));
  lines.add("disk", agent, scaled(state.disk_free_mb, BYTES_PER_MB));
  for (const [at, gpu] of (state.gpus ?? []).entries()) {
    // By its place: two of the same kind have the same name.
    const labels = { gpu: String(at), gpu_name: gpu.name };
    lines.add("gpu", agent, scaled(gpu.utilization, 0.01), labels);
    lines.add("gpu_used", agent, scaled(gpu.memory_used_mb, BYTES_PER_MB), labels);
    lines.add("gpu_total", agent, scaled(gpu.memory_total_mb, BYTES_PER_MB), labels);
  }
}

function stateOf(agent: Agent, now: number, windowMs: number): State {
  const reason = agent.notRoutable(agent.presence(now, windowMs));
  switch (reason) {
    case undefined:
      return "online";
    case "no_tunnel":
      return "offline";
    case "offline":
    case "coming_back":
    case "draining":
    case "stopping":
    case "ollama_absent":
    case "ollama_hung":
      return reason;
    default:
      return "yielding";
  }
}

/** Samples of several families, gathered in one walk over the machines. */
class Lines {
  readonly #samples = new Map<string, Sample[]>();

  /** @param value undefined: the machine does not say */
  add(name: string, agent: Agent, value: number | undefined, more: Record<string, string> = {}): void {
    if (value === undefined) return;
    const sample = { labels: { agent: agent.name, ...more }, value };
    const known = this.#samples.get(name);
    if (known === undefined) this.#samples.set(name, [sample]);
    else known.push(sample);
  }

  of(name: string): Sample[] {
    return this.#samples.get(name) ?? [];
  }
}

function scaled(value: number | null | undefined, by: number): number | undefined {
  return value === undefined || value === null ? undefined : value * by;
}

function fromCounts(label: string, counts: Iterable<[string, number]>): Sample[] {
  return [...counts].map(([name, value]) => ({ labels: { [label]: name }, value }));
}
