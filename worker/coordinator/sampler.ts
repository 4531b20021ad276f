import type { Agent } from "./agent.ts";
import type { Clock, SampleRow } from "./deps.ts";
import type { Recorder } from "./recorder.ts";

/** At most one sample of a machine in this time, ms; of a large fleet fewer, since each is a row written. */
const EVERY_MS = { few: 60_000, many: 300_000 };
/** More machines than this are many. */
const MANY = 100;

/**
 * Keeps for the charts what machines were doing. Only when a machine has said or done something, and not when that left it as it
 * was: a fleet that rests wakes nobody and costs nothing.
 */
export class Sampler {
  readonly #options: { clock: Clock; recorder: Pick<Recorder, "sample">; machines: () => number };
  /** What was kept last of each machine. */
  readonly #last = new WeakMap<Agent, { span: number; said: string }>();

  constructor(options: { clock: Clock; recorder: Pick<Recorder, "sample">; machines: () => number }) {
    this.#options = options;
  }

  /** A machine has said something, or a request of its has ended. */
  noticed(agent: Agent): void {
    if (agent.tunnel === undefined) return;
    const now = this.#options.clock.now();
    const every = this.#options.machines() > MANY ? EVERY_MS.many : EVERY_MS.few;
    // By the clock, not by the time since the last: then two lives of the coordinator do not make two rows of one minute.
    const span = Math.floor(now / every) * every;
    const last = this.#last.get(agent);
    if (last?.span === span) return;
    const measured = measure(agent);
    const said = JSON.stringify(measured);
    if (last?.said === said) return;
    this.#last.set(agent, { span, said });
    this.#options.recorder.sample({
      id: `${agent.id}@${span}`,
      at: new Date(span).toISOString(),
      agent_id: agent.id,
      ...measured,
    });
  }
}

function measure(agent: Agent): Omit<SampleRow, "id" | "at" | "agent_id"> {
  const { cpu_usage = null, memory_usage = null, gpus = [] } = agent.state;
  const usages = gpus.flatMap((gpu) => gpu.utilization ?? []);
  return {
    cpu_usage,
    memory_usage,
    gpu_usage: usages.length === 0 ? null : usages.reduce((sum, each) => sum + each, 0) / usages.length,
    active_requests: agent.inFlight,
    tokens_per_second: agent.speed.value ?? null,
  };
}
