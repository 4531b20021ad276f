import type { AgentView, BreakerView } from "../../shared/api/agents.ts";
import type { Agent } from "./agent.ts";

/** How long a heartbeat by `POST /api/health` counts, ms. */
export const HEALTH_MS = 60_000;

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

/** An agent as the management API shows it. */
export function viewAgent(
  agent: Agent,
  context: { now: number; windowMs: number; queued: number },
): AgentView {
  const { record, state } = agent;
  const presence = agent.presence(context.now, context.windowMs);
  const healthy = agent.healthAt !== undefined && context.now - agent.healthAt < HEALTH_MS;
  const reason = presence === "offline" && !healthy ? "offline" : (agent.notRoutable(presence) ?? null);
  const tunnel = presence === "online" ? agent.tunnel : undefined;
  return {
    id: record.id,
    name: record.name,
    machine_name: record.machine_name,
    ip_address: record.ip_address,
    os: record.os,
    agent_version: record.agent_version,
    ollama_version: agent.ollamaVersion ?? null,
    ollama_port: record.ollama_port,
    status: presence === "online" || healthy ? "online" : "offline",
    draining: record.draining,
    routable: reason === null,
    not_routable_reason: reason,
    yielding: presence === "offline" ? null : viewYielding(agent),
    allow_manage: agent.facts.allow_manage,
    allow_cloud: agent.allowsCloud,
    registered_at: new Date(record.registered_at).toISOString(),
    last_seen: iso(tunnel?.socket?.lastHeard() ?? agent.lastSeen),
    connected_at: iso(tunnel?.connectedAt),
    uptime_s: tunnel === undefined ? null : Math.floor((context.now - tunnel.connectedAt) / 1_000),
    cpu_usage: state.cpu_usage ?? null,
    memory_usage: state.memory_usage ?? null,
    gpus: state.gpus ?? [],
    disk_free_mb: state.disk_free_mb ?? null,
    memory_total_mb: state.memory_total_mb ?? null,
    active_requests: agent.inFlight,
    queued_requests: context.queued,
    total_requests: agent.totalRequests,
    failed_requests: agent.failedRequests,
    tokens_per_second: agent.speed.value ?? null,
    max_concurrency: agent.slots(),
    weight: record.weight,
    tags: record.tags,
    note: record.note,
    models: state.models ?? [],
    loaded: state.loaded ?? [],
    breakers: viewBreakers(agent, context.now),
  };
}

function viewYielding({ state: { yielding } }: Agent): AgentView["yielding"] {
  if (yielding == null) return null;
  const { reason, detail = null, until = null } = yielding;
  return { reason, detail, until };
}

function viewBreakers(agent: Agent, now: number): BreakerView[] {
  return [...agent.replicas].flatMap(({ model, breaker }) =>
    breaker.failures === 0
      ? []
      : { model, state: breaker.state(now), failures: breaker.failures, retry_at: iso(breaker.until) },
  );
}
