import { z } from "zod";
import { agentState } from "../../shared/protocol/messages.ts";
import type { Agent } from "./agent.ts";
import type { Deps, Timer } from "./deps.ts";
import type { StoredRuntime } from "./store.ts";

/** How often what agents say is written down, ms: a write holds back everything the object sends until it is confirmed. */
const SAVE_MS = 1_000;

const figure = z.number().nonnegative().optional();

/** What was measured: lost, every machine would have to be tried anew. */
const learnt = z.object({
  tokens_per_s: figure,
  load_bytes_per_s: figure,
  models: z.record(z.string(), z.object({ tokens_per_s: figure, load_s: figure, service_s: figure })),
});

const savedState = z.object({
  state: agentState,
  allow_manage: z.boolean(),
  max_concurrency: z.number().optional(),
  machine_hash: z.string().optional(),
  learnt: learnt.optional(),
});

/** Writes down agents' last known state and counters, at most once a second. */
export class RuntimeSaver {
  readonly #deps: Pick<Deps, "clock" | "store" | "log">;
  readonly #dirty = new Set<Agent>();
  readonly #also: () => void;
  #timer: Timer | undefined;

  /** @param also saved in the same turn */
  constructor(deps: Pick<Deps, "clock" | "store" | "log">, also: () => void) {
    this.#deps = deps;
    this.#also = also;
  }

  mark(agent: Agent): void {
    this.#dirty.add(agent);
    this.arm();
  }

  forget(agent: Agent): void {
    this.#dirty.delete(agent);
  }

  arm(): void {
    this.#timer ??= this.#deps.clock.after(SAVE_MS, () => this.save());
  }

  save(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const rows = [...this.#dirty].map((agent): StoredRuntime => rowOf(agent, this.#deps.clock.now()));
    try {
      if (rows.length > 0) this.#deps.store.saveRuntimes(rows);
      this.#also();
      this.#dirty.clear();
    } catch (error) {
      // A full disk must not end what serves without it; thrown out of a timer it would end the process.
      this.#deps.log.error("agents' state could not be saved; tried again", { error: String(error) });
      this.arm();
    }
  }

  /** Puts back what a row says; an agent that was online is coming back since `now`, unless its socket is still there. */
  restore(agent: Agent, row: StoredRuntime, now: number): void {
    agent.turn = row.turn;
    agent.totalRequests = row.total_requests;
    agent.failedRequests = row.failed_requests;
    agent.lastSeen = row.last_seen;
    if (row.online) agent.lostAt = now;
    const saved = savedState.safeParse(parseJson(row.state));
    if (!saved.success) {
      this.#deps.log.warn("an agent's saved state cannot be read; it will say it again", {
        agent: agent.name,
      });
      return;
    }
    agent.update(saved.data.state);
    if (saved.data.learnt !== undefined) recall(agent, saved.data.learnt);
    agent.facts = {
      allow_manage: saved.data.allow_manage,
      max_concurrency: saved.data.max_concurrency,
      machine_hash: saved.data.machine_hash,
    };
  }
}

function rowOf(agent: Agent, now: number): StoredRuntime {
  return {
    agent_id: agent.id,
    // One that is coming back is still expected after a restart of ours.
    online: agent.tunnel !== undefined || agent.lostAt !== undefined,
    last_seen: agent.tunnel?.socket?.lastHeard() ?? agent.lastSeen ?? now,
    turn: agent.turn,
    total_requests: agent.totalRequests,
    failed_requests: agent.failedRequests,
    state: JSON.stringify({ state: agent.state, ...agent.facts, learnt: learntBy(agent) }),
  };
}

function learntBy(agent: Agent): z.infer<typeof learnt> {
  const models: z.infer<typeof learnt>["models"] = {};
  for (const replica of agent.replicas) {
    const known = {
      tokens_per_s: replica.speed.value,
      load_s: replica.measuredLoadS.value,
      service_s: replica.measuredServiceS.value,
    };
    if (Object.values(known).some((value) => value !== undefined)) models[replica.model] = known;
  }
  return { tokens_per_s: agent.speed.value, load_bytes_per_s: agent.loadRate.value, models };
}

function recall(agent: Agent, known: z.infer<typeof learnt>): void {
  agent.speed.restore(known.tokens_per_s);
  agent.loadRate.restore(known.load_bytes_per_s);
  for (const [model, figures] of Object.entries(known.models)) {
    const replica = agent.replica(model);
    replica?.speed.restore(figures.tokens_per_s);
    replica?.measuredLoadS.restore(figures.load_s);
    replica?.measuredServiceS.restore(figures.service_s);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
