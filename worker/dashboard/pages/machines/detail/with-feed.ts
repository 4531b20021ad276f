import type { AgentView } from "../../../../../shared/api/agents.ts";
import type { FeedAgent } from "../../../../../shared/api/feed.ts";

/** What was asked for, with what the feed knows better: everything that moves by the second. */
export function withFeed(asked: AgentView, told: FeedAgent | undefined): AgentView {
  if (told === undefined) return asked;
  const online = told.status === "online";
  return {
    ...asked,
    name: told.name,
    status: told.status,
    draining: told.draining,
    routable: told.routable,
    not_routable_reason: told.not_routable_reason,
    yielding: told.yielding,
    allow_manage: told.allow_manage,
    // It says nothing of a machine that is connected: that would change with every heartbeat.
    last_seen: told.last_seen ?? asked.last_seen,
    connected_at: told.connected_at,
    // What was measured last on a machine that is away says nothing of now.
    cpu_usage: online ? told.cpu_usage : null,
    memory_usage: online ? told.memory_usage : null,
    loaded: online ? asked.loaded : [],
    active_requests: told.active_requests,
    queued_requests: told.queued_requests,
    max_concurrency: told.max_concurrency,
    tokens_per_second: told.tokens_per_second,
    total_requests: told.total_requests,
    failed_requests: told.failed_requests,
  };
}
