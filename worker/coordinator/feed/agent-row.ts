import { FEED, type FeedAgent } from "../../../shared/api/feed.ts";
import type { Gpu } from "../../../shared/protocol/messages.ts";
import type { Agent } from "../agent.ts";
import { HEALTH_MS } from "../agent-view.ts";

/** An agent as the feed shows it, and when time alone will change that, ms; undefined: never. */
export interface AgentRow {
  row: FeedAgent;
  due: number | undefined;
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

/** A tenth is as much as anybody sees; what changes by less would be sent for nothing. */
const tenths = (value: number | undefined): number | null =>
  value === undefined ? null : Math.round(value * 10) / 10;

/** @param queued requests that wait for something that it has */
export function agentRow(agent: Agent, context: { now: number; windowMs: number; queued: number }): AgentRow {
  const { record, state } = agent;
  const { now } = context;
  const presence = agent.presence(now, context.windowMs);
  const healthyUntil = agent.healthAt === undefined ? now : agent.healthAt + HEALTH_MS;
  const healthy = now < healthyUntil;
  const reason = presence === "offline" && !healthy ? "offline" : (agent.notRoutable(presence) ?? null);
  const connectedAt = presence === "online" ? agent.tunnel?.connectedAt : undefined;
  const gpus = state.gpus ?? [];
  const broken = brokenOf(agent, now);
  let due = presence !== "online" && healthy ? healthyUntil : undefined;
  if (broken.until !== undefined) due = Math.min(due ?? broken.until, broken.until);
  if (presence === "coming_back" && agent.lostAt !== undefined) {
    due = Math.min(due ?? Number.POSITIVE_INFINITY, agent.lostAt + context.windowMs);
  }
  const row: FeedAgent = {
    id: record.id,
    name: record.name,
    os: record.os,
    ip_address: record.ip_address,
    agent_version: record.agent_version,
    ollama_version: agent.ollamaVersion ?? null,
    status: presence === "online" || healthy ? "online" : "offline",
    draining: record.draining,
    routable: reason === null,
    not_routable_reason: reason,
    yielding: presence === "offline" ? null : yieldingOf(agent),
    allow_manage: agent.facts.allow_manage,
    registered_at: new Date(record.registered_at).toISOString(),
    last_seen: presence === "online" ? null : iso(agent.lastSeen),
    connected_at: iso(connectedAt),
    cpu_usage: tenths(state.cpu_usage),
    memory_usage: tenths(state.memory_usage),
    gpu_usage: tenths(most(gpus, ({ utilization }) => utilization)),
    gpu_memory_used_mb: total(gpus, ({ memory_used_mb }) => memory_used_mb),
    gpu_memory_total_mb: total(gpus, ({ memory_total_mb }) => memory_total_mb),
    gpu_names: names(gpus),
    models: state.models?.length ?? 0,
    loaded: names(state.loaded ?? []),
    active_requests: agent.inFlight,
    queued_requests: context.queued,
    max_concurrency: agent.slots(),
    tokens_per_second: tenths(agent.speed.value),
    total_requests: agent.totalRequests,
    failed_requests: agent.failedRequests,
    tags: record.tags,
    note: record.note,
    weight: record.weight,
    breakers: broken.breakers,
  };
  return { row, due };
}

/** Machines are not trusted: a list without a limit would not fit into any diff. */
function names(named: readonly { name: string }[]): string[] {
  return named.slice(0, FEED.names).map(({ name }) => name.slice(0, FEED.name_chars));
}

function yieldingOf({ state: { yielding } }: Agent): FeedAgent["yielding"] {
  if (yielding == null) return null;
  const { reason, detail = null, until = null } = yielding;
  return { reason, detail, until };
}

function brokenOf(agent: Agent, now: number): { breakers: FeedAgent["breakers"]; until: number | undefined } {
  const breakers: FeedAgent["breakers"] = [];
  let first: number | undefined;
  for (const { model, breaker } of agent.replicas) {
    const { until } = breaker;
    if (until === undefined) continue;
    if (until > now) first = Math.min(first ?? until, until);
    if (breakers.length === FEED.names) continue;
    breakers.push({ model: model.slice(0, FEED.name_chars), state: breaker.state(now) });
  }
  return { breakers, until: first };
}

function most(gpus: readonly Gpu[], of: (gpu: Gpu) => number | undefined): number | undefined {
  let found: number | undefined;
  for (const gpu of gpus) {
    const value = of(gpu);
    if (value !== undefined) found = Math.max(found ?? value, value);
  }
  return found;
}

function total(gpus: readonly Gpu[], of: (gpu: Gpu) => number | undefined): number | null {
  let sum: number | null = null;
  for (const gpu of gpus) {
    const value = of(gpu);
    if (value !== undefined) sum = (sum ?? 0) + value;
  }
  return sum === null ? null : Math.round(sum);
}
