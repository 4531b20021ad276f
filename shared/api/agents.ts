import { z } from "zod";
import { gpu, loadedModel, model, YIELD_REASONS } from "../protocol/messages.ts";

const timestamp = z.iso.datetime();

/** Why an agent gets no work although it is known; null when it does. */
export const NOT_ROUTABLE = [
  "offline",
  "coming_back",
  "draining",
  "stopping",
  ...YIELD_REASONS,
  "no_tunnel",
  "ollama_absent",
  "ollama_hung",
] as const;
export type NotRoutable = (typeof NOT_ROUTABLE)[number];

export const BREAKER_STATES = ["closed", "open", "half_open"] as const;

/** A model that has failed on a machine: open, it gets no work there until `retry_at`; half open, one request may try. */
export const breakerView = z.object({
  model: z.string(),
  state: z.enum(BREAKER_STATES),
  /** In a row. */
  failures: z.number().int(),
  retry_at: timestamp.nullable(),
});
export type BreakerView = z.infer<typeof breakerView>;

/** One machine as `GET /api/agents` shows it. */
export const agentView = z.object({
  id: z.uuid(),
  name: z.string(),
  machine_name: z.string(),
  ip_address: z.string(),
  os: z.string().nullable(),
  agent_version: z.string().nullable(),
  ollama_version: z.string().nullable(),
  ollama_port: z.number().int(),
  status: z.enum(["online", "offline"]),
  draining: z.boolean(),
  routable: z.boolean(),
  not_routable_reason: z.enum(NOT_ROUTABLE).nullable(),
  /** Why its owner needs it now, and until when as far as it knows; null while it shares. */
  yielding: z
    .object({
      reason: z.enum(YIELD_REASONS),
      detail: z.string().nullable(),
      until: timestamp.nullable(),
    })
    .nullable(),
  /** Whether its owner lets models be pulled, created, copied and deleted. */
  allow_manage: z.boolean(),
  /** Whether its owner lets requests use ollama.com, on his account. */
  allow_cloud: z.boolean(),
  registered_at: timestamp,
  last_seen: timestamp.nullable(),
  connected_at: timestamp.nullable(),
  uptime_s: z.number().nonnegative().nullable(),
  cpu_usage: z.number().nullable(),
  memory_usage: z.number().nullable(),
  gpus: z.array(gpu),
  /** Free for Ollama's models, MiB. */
  disk_free_mb: z.number().nullable(),
  memory_total_mb: z.number().nullable(),
  active_requests: z.number().int(),
  queued_requests: z.number().int(),
  total_requests: z.number().int(),
  failed_requests: z.number().int(),
  /** Completion tokens per second of generation, smoothed over recent answers. */
  tokens_per_second: z.number().nullable(),
  /** Requests at once that hold now, whoever set them. */
  max_concurrency: z.number().int(),
  weight: z.number(),
  tags: z.array(z.string()),
  note: z.string(),
  models: z.array(model),
  loaded: z.array(loadedModel),
  /** Models that have failed here and not succeeded since. */
  breakers: z.array(breakerView),
});
export type AgentView = z.infer<typeof agentView>;

export const agentPatch = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, "letters, digits, space, dot, dash, underscore")
    .optional(),
  tags: z.array(z.string().trim().min(1).max(50)).max(20).optional(),
  note: z.string().max(2_000).optional(),
  weight: z.number().min(0.01).max(1_000).optional(),
  /** null: back to the agent's own limit. */
  max_concurrency: z.number().int().min(1).max(1_024).nullable().optional(),
});
export type AgentPatch = z.infer<typeof agentPatch>;
