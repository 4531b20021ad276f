import type { AgentPatch, AgentView } from "../../shared/api/agents.ts";
import type { HealthRequest, RegisterRequest, RegisterResponse } from "../../shared/api/register.ts";
import { type Access, notFound, withoutUndefined } from "./access.ts";
import type { Agent } from "./agent.ts";
import { viewAgent } from "./agent-view.ts";
import type { Result } from "./api.ts";
import { type Changes, changes } from "./changes.ts";
import type { Deps } from "./deps.ts";
import type { Recorder } from "./recorder.ts";
import type { Registry } from "./registry.ts";
import type { RuntimeSaver } from "./runtime-saver.ts";
import type { Scheduler } from "./scheduling/scheduler.ts";
import type { Sessions } from "./sessions.ts";
import type { StoredAgent } from "./store.ts";

export interface AdministrationOptions {
  deps: Pick<Deps, "clock" | "store" | "uuid">;
  access: Access;
  registry: Registry;
  scheduler: Scheduler;
  sessions: Sessions;
  recorder: Recorder;
  saver: RuntimeSaver;
  windowMs: () => number;
}

/** Registration of agents and what an operator does with them. */
export class Administration {
  readonly #options: AdministrationOptions;

  constructor(options: AdministrationOptions) {
    this.#options = options;
  }

  async register(joinTokenHash: string, body: RegisterRequest): Promise<Result<RegisterResponse>> {
    const { access, recorder, deps } = this.#options;
    const secret = await access.newAgentToken();
    const found = access.usableJoinToken(joinTokenHash);
    if (!found.ok) {
      // Who made a token up writes no history: anybody can, and could fill it.
      if (access.knowsJoinToken(joinTokenHash)) {
        recorder.event("registration_refused", null, {
          machine_name: body.machine_name,
          why: found.error.message,
        });
      }
      return found;
    }
    const record = this.newAgent(body, secret.hash);
    const used = { ...found.value, uses: found.value.uses + 1 };
    deps.store.register(record, used);
    access.countUse(used);
    this.admit(record);
    return { ok: true, value: { agent_id: record.id, status: "registered", agent_token: secret.token } };
  }

  /** The record of a machine that is let in; it is not stored yet. */
  newAgent(body: RegisterRequest, tokenHash: string): StoredAgent {
    const { deps, registry } = this.#options;
    return {
      id: deps.uuid(),
      name: registry.freeName(body.machine_name),
      token_hash: tokenHash,
      ...described(body, undefined),
      registered_at: deps.clock.now(),
      draining: false,
      max_concurrency: null,
      weight: 1,
      tags: [],
      note: "",
    };
  }

  /** From now on the stored record is an agent. */
  admit(record: StoredAgent): Agent {
    const { registry, recorder } = this.#options;
    const { name, machine_name } = record;
    recorder.event("agent_registered", record.id, { name, machine_name });
    return registry.add(record);
  }

  updateRegistration(agentId: string, body: RegisterRequest): Result<RegisterResponse> {
    const agent = this.#options.registry.get(agentId);
    if (agent === undefined) return notFound("agent", agentId);
    agent.record = { ...agent.record, ...described(body, agent.record) };
    this.#options.deps.store.saveAgent(agent.record);
    return { ok: true, value: { agent_id: agentId, status: "updated" } };
  }

  health(agentId: string, body: HealthRequest): Result<null> {
    const agent = this.#options.registry.get(agentId);
    if (agent === undefined) return notFound("agent", agentId);
    if (body.agent_id !== agentId) {
      return {
        ok: false,
        error: {
          status: 403,
          code: "forbidden",
          message: "agent_id is not the agent that the token belongs to",
        },
      };
    }
    const now = this.#options.deps.clock.now();
    agent.healthAt = now;
    agent.lastSeen = now;
    agent.update({
      cpu_usage: body.cpu_usage,
      memory_usage: body.memory_usage,
      ...(body.ollama_version === undefined ? {} : { ollama_version: body.ollama_version }),
    });
    this.#options.saver.mark(agent);
    return { ok: true, value: null };
  }

  view(agent: Agent): AgentView {
    return viewAgent(agent, {
      now: this.#options.deps.clock.now(),
      windowMs: this.#options.windowMs(),
      queued: this.#options.scheduler.waitingFor(agent),
    });
  }

  list(): AgentView[] {
    return [...this.#options.registry.all()].map((agent) => this.view(agent));
  }

  get(id: string): AgentView | undefined {
    const agent = this.#options.registry.get(id);
    return agent === undefined ? undefined : this.view(agent);
  }

  patch(id: string, patch: AgentPatch, by: string | null): Result<AgentView> {
    const { registry, recorder } = this.#options;
    const agent = registry.get(id);
    if (agent === undefined) return notFound("agent", id);
    const namesake = patch.name === undefined ? undefined : registry.find(patch.name);
    if (namesake !== undefined && namesake !== agent) {
      const message = `another agent is called '${namesake.name}'`;
      return { ok: false, error: { status: 409, code: "conflict", message, fields: { name: message } } };
    }
    const { name } = agent;
    const changed = this.#change(agent, withoutUndefined(patch));
    if (changed !== undefined) recorder.event("agent_changed", id, { name, ...changed }, by);
    return { ok: true, value: this.view(agent) };
  }

  drain(id: string, draining: boolean, by: string | null): Result<AgentView> {
    const agent = this.#options.registry.get(id);
    if (agent === undefined) return notFound("agent", id);
    const changed = this.#change(agent, { draining });
    if (changed !== undefined) {
      const kind = draining ? "agent_drained" : "agent_resumed";
      this.#options.recorder.event(kind, id, { name: agent.name, ...changed }, by);
    }
    return { ok: true, value: this.view(agent) };
  }

  #change(agent: Agent, change: Partial<StoredAgent>): Changes | undefined {
    const before = agent.record;
    const record = { ...before, ...change };
    this.#options.deps.store.saveAgent(record);
    agent.record = record;
    this.#options.scheduler.pump();
    return changes(before, record);
  }

  /** @param by who wants it; null: the coordinator itself */
  remove(id: string, by: string | null): Result<null> {
    const { registry, deps, sessions, scheduler, recorder, saver } = this.#options;
    const agent = registry.get(id);
    if (agent === undefined) return notFound("agent", id);
    deps.store.deleteAgent(id);
    registry.remove(id);
    sessions.disconnect(agent, "revoked", "this agent was removed");
    saver.forget(agent);
    const { token_hash: _hash, ...told } = agent.record;
    recorder.event("agent_removed", id, told, by);
    scheduler.pump();
    return { ok: true, value: null };
  }

  disconnect(id: string, by: string | null): Result<null> {
    const agent = this.#options.registry.get(id);
    if (agent === undefined) return notFound("agent", id);
    this.#options.sessions.disconnect(agent, "disconnected", "an operator closed the connection");
    this.#options.recorder.event("agent_disconnected", id, { name: agent.name }, by);
    return { ok: true, value: null };
  }
}

function described(
  body: RegisterRequest,
  before: StoredAgent | undefined,
): Pick<
  StoredAgent,
  "machine_name" | "ip_address" | "os" | "agent_version" | "ollama_version" | "ollama_port"
> {
  return {
    machine_name: body.machine_name,
    ip_address: body.ip_address,
    os: body.os ?? before?.os ?? null,
    agent_version: body.agent_version ?? before?.agent_version ?? null,
    ollama_version: body.ollama_version === "" ? (before?.ollama_version ?? null) : body.ollama_version,
    ollama_port: body.ollama_port,
  };
}
