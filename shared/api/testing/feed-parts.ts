import type { FeedAgent, FeedState } from "../feed.ts";
import { EMPTY_FEED } from "../feed-apply.ts";

const AT = "2026-01-31T12:00:00.000Z";

export const NOBODY: FeedState = { ...EMPTY_FEED, now: { ...EMPTY_FEED.now, queue_max: 100 } };

/** A machine that is there and idle; its id is its name. */
export function agentNamed(name: string, parts: Partial<FeedAgent> = {}): FeedAgent {
  return {
    id: name,
    name,
    os: "linux",
    ip_address: "10.0.0.7",
    agent_version: "0.1.0",
    ollama_version: "0.20.0",
    status: "online",
    draining: false,
    routable: true,
    not_routable_reason: null,
    yielding: null,
    allow_manage: false,
    registered_at: AT,
    last_seen: null,
    connected_at: AT,
    cpu_usage: 1,
    memory_usage: 2,
    gpu_usage: null,
    gpu_memory_used_mb: null,
    gpu_memory_total_mb: null,
    gpu_names: [],
    models: 1,
    loaded: [],
    active_requests: 0,
    queued_requests: 0,
    max_concurrency: 4,
    tokens_per_second: null,
    total_requests: 0,
    failed_requests: 0,
    tags: [],
    note: "",
    weight: 1,
    breakers: [],
    ...parts,
  };
}

export function eventOf(number: number): FeedState["events"][number] {
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  return { id, at: AT, kind: "agent_connected", actor: null, agent_id: null, detail: {} };
}
