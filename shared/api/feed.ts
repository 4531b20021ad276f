import { z } from "zod";
import { YIELD_REASONS } from "../protocol/messages.ts";
import { BREAKER_STATES, NOT_ROUTABLE } from "./agents.ts";
import { eventView } from "./events.ts";
import { pairingView } from "./pairing.ts";
import { requestView } from "./requests.ts";

/*
 * What `GET /ws/dashboard` sends: one snapshot, then diffs, each on top of the message before it. Texts of JSON; the page
 * answers with acknowledgements, and one that lags gets a new snapshot in place of what it missed.
 */

const timestamp = z.iso.datetime();
const count = z.number().int().nonnegative();

export { FEED, FEED_CLOSE } from "./feed-limits.ts";

/** A machine in the feed: what changes by the second, and what a list shows of it. `GET /api/agents/{id}` has the rest. */
export const feedAgent = z.object({
  id: z.string(),
  name: z.string(),
  os: z.string().nullable(),
  ip_address: z.string(),
  agent_version: z.string().nullable(),
  ollama_version: z.string().nullable(),
  status: z.enum(["online", "offline"]),
  draining: z.boolean(),
  routable: z.boolean(),
  not_routable_reason: z.enum(NOT_ROUTABLE).nullable(),
  yielding: z
    .object({ reason: z.enum(YIELD_REASONS), detail: z.string().nullable(), until: timestamp.nullable() })
    .nullable(),
  allow_manage: z.boolean(),
  registered_at: timestamp,
  /** When it was last heard of; null while it is connected, and of one that never was. */
  last_seen: timestamp.nullable(),
  connected_at: timestamp.nullable(),
  /** Percent. */
  cpu_usage: z.number().nullable(),
  memory_usage: z.number().nullable(),
  /** The busiest of its GPUs, percent; memory of all of them, MiB. */
  gpu_usage: z.number().nullable(),
  gpu_memory_used_mb: z.number().nullable(),
  gpu_memory_total_mb: z.number().nullable(),
  gpu_names: z.array(z.string()),
  models: count,
  /** Names of the models in its memory. */
  loaded: z.array(z.string()),
  active_requests: count,
  queued_requests: count,
  max_concurrency: count,
  tokens_per_second: z.number().nullable(),
  total_requests: count,
  failed_requests: count,
  tags: z.array(z.string()),
  note: z.string(),
  weight: z.number(),
  /** Models that get no work here now because they failed. */
  breakers: z.array(z.object({ model: z.string(), state: z.enum(BREAKER_STATES) })),
});
export type FeedAgent = z.infer<typeof feedAgent>;

/** A request that waits or runs. */
export const feedRunning = z.object({
  id: z.string(),
  at: timestamp,
  endpoint: z.string(),
  model: z.string().nullable(),
  key_name: z.string().nullable(),
  state: z.enum(["waiting", "running", "streaming"]),
  agent_id: z.string().nullable(),
  reason: z.string().nullable(),
});
export type FeedRunning = z.infer<typeof feedRunning>;

/** Pulls that keep a model on as many machines as were asked for. */
export const feedPull = z.object({
  model: z.string(),
  agent_id: z.string(),
  agent_name: z.string(),
  since: timestamp,
  status: z.string(),
  completed: z.number().nullable(),
  total: z.number().nullable(),
});
export type FeedPull = z.infer<typeof feedPull>;

/** The fleet as a whole, this second. */
export const feedNow = z.object({
  running: count,
  waiting: count,
  queue_max: count,
  /** Finished in the last 10 s, a second. */
  requests_per_second: z.number(),
  /** Tokens of answers that finished or run, over the last 10 s, a second. */
  tokens_per_second: z.number(),
  /** Of the requests that finished in the last minute; null: none did. */
  error_rate: z.number().nullable(),
  first_byte_ms_p50: z.number().nullable(),
  queue_ms_p50: z.number().nullable(),
  /** Rows that the history database has not taken yet. */
  outbox: count,
  /** Since this life of the coordinator began. */
  total_requests: count,
});
export type FeedNow = z.infer<typeof feedNow>;

/** Counted up when something changes that a page gets by itself: it asks again. */
export const feedRevisions = z.object({
  models: count,
  keys: count,
  tokens: count,
  join_tokens: count,
  settings: count,
});
export type FeedRevisions = z.infer<typeof feedRevisions>;

export const feedState = z.object({
  agents: z.array(feedAgent),
  /** Machines that wait to be let in. */
  pairings: z.array(pairingView),
  now: feedNow,
  /** Waiting and running, oldest first. */
  running: z.array(feedRunning),
  /** Finished, newest first. */
  requests: z.array(requestView),
  /** Newest first. */
  events: z.array(eventView),
  pulls: z.array(feedPull),
  revisions: feedRevisions,
});
export type FeedState = z.infer<typeof feedState>;

export const feedSnapshot = z.object({
  type: z.literal("snapshot"),
  /** A diff's is that of the message before it and one; a snapshot may have any. */
  version: count,
  /** The coordinator's clock. */
  at: timestamp,
  /** The coordinator's release, and whether its engines are simulated. */
  coordinator: z.object({ version: z.string(), demo: z.boolean() }),
  state: feedState,
});

/** What has changed since the message before; a part that is absent has not. */
export const feedDiff = z.object({
  type: z.literal("diff"),
  version: count,
  at: timestamp,
  agents: z
    .object({
      /** A new machine comes whole, a known one with its id and the fields that changed. */
      changed: z.array(feedAgent.partial().required({ id: true })),
      gone: z.array(z.string()),
    })
    .optional(),
  pairings: feedState.shape.pairings.optional(),
  now: feedNow.partial().optional(),
  running: z
    .object({ changed: z.array(feedRunning.partial().required({ id: true })), gone: z.array(z.string()) })
    .optional(),
  /** Newly finished, oldest first; where more came than fit, the oldest are left out. */
  requests: z.array(requestView).optional(),
  events: z.array(eventView).optional(),
  pulls: feedState.shape.pulls.optional(),
  revisions: feedRevisions.partial().optional(),
});
export type FeedSnapshot = z.infer<typeof feedSnapshot>;
export type FeedDiff = z.infer<typeof feedDiff>;

export const feedMessage = z.discriminatedUnion("type", [feedSnapshot, feedDiff]);
export type FeedMessage = z.infer<typeof feedMessage>;

/** What a page sends: the version that it has taken in. */
export const feedAck = z.strictObject({ type: z.literal("ack"), version: count });
export type FeedAck = z.infer<typeof feedAck>;
