import { z } from "zod";
import { LIMITS } from "./limits.ts";

/**
 * The JSON payloads of control frames. The schema is the type; both ends parse once, at the socket, and
 * see only typed values behind it. Unknown keys are dropped, so that a newer peer may say more (TN4).
 */

const name = z.string().min(1).max(LIMITS.name_chars);
const count = z.number().int().nonnegative();
const percent = z.number().min(0).max(100);
const offset = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

const modelDetails = z.record(z.string().max(64), z.unknown());

/** One entry of Ollama's `GET /api/tags`, passed on with every field it has. */
export const model = z.looseObject({
  name,
  model: name.optional(),
  modified_at: z.string().max(64).optional(),
  size: count.optional(),
  digest: z.string().max(128).optional(),
  details: modelDetails.optional(),
  capabilities: z.array(z.string().max(64)).max(32).optional(),
  remote_host: z.string().max(600).optional(),
  remote_model: z.string().max(600).optional(),
});
export type Model = z.infer<typeof model>;

/** One entry of Ollama's `GET /api/ps`. */
export const loadedModel = z.looseObject({
  name,
  model: name.optional(),
  size: count.optional(),
  size_vram: count.optional(),
  digest: z.string().max(128).optional(),
  details: modelDetails.optional(),
  expires_at: z.string().max(64).optional(),
  context_length: count.optional(),
});
export type LoadedModel = z.infer<typeof loadedModel>;

export const gpu = z.object({
  name: z.string().max(200),
  memory_total_mb: z.number().nonnegative().optional(),
  memory_used_mb: z.number().nonnegative().optional(),
  /** Percent. */
  utilization: percent.optional(),
});
export type Gpu = z.infer<typeof gpu>;

/** Why an agent that is connected cannot take work, in its own words; empty when it can. */
export const OLLAMA_STATES = ["ok", "absent", "hung"] as const;
export const ollamaState = z.enum(OLLAMA_STATES);
export type OllamaState = z.infer<typeof ollamaState>;

/** Why a machine's owner wants it for himself for now. */
export const YIELD_REASONS = [
  "paused",
  "on_battery",
  "outside_schedule",
  "gpu_busy",
  "full_screen",
  /** Ollama itself is being replaced. */
  "updating",
] as const;
export type YieldReason = (typeof YIELD_REASONS)[number];

export const yielding = z.object({
  /** A newer agent may have a reason that is not known here: it yields all the same, and is not cut off for it. */
  reason: z.enum(YIELD_REASONS).catch("paused"),
  /** For a person, e.g. which program uses the GPU. */
  detail: z.string().max(200).optional(),
  /** When it ends by itself, by the machine's own clock: to be shown, and nothing to reckon with. */
  until: z.iso.datetime().optional(),
});
export type Yielding = z.infer<typeof yielding>;

/** What changes while an agent runs; STATE carries the fields that changed, `hello` all of them. */
export const agentState = z.object({
  ollama: ollamaState.optional(),
  /** What failed and where, for a person; only beside a state other than `ok`. */
  ollama_error: z.string().max(500).optional(),
  ollama_version: z.string().max(64).optional(),
  /** The agent ends in an orderly way: running answers end, new work goes elsewhere. */
  stopping: z.boolean().optional(),
  /** The owner needs the machine: running answers end, new work goes elsewhere; null when that is over. */
  yielding: yielding.nullable().optional(),
  /** As HELLO's, when the owner changes his mind while the agent is connected. */
  allow_manage: z.boolean().optional(),
  /** Whether requests may use models of ollama.com, on the account of the machine's owner; absent: no. */
  allow_cloud: z.boolean().optional(),
  /** As HELLO's; null: the owner sets no limit any more. */
  max_concurrency: z.number().int().positive().max(1024).nullable().optional(),
  /** OLLAMA_NUM_PARALLEL where it is known. */
  ollama_parallel: z.number().int().positive().max(1024).optional(),
  models: z.array(model).max(LIMITS.models).optional(),
  loaded: z.array(loadedModel).max(LIMITS.models).optional(),
  /** Percent of all cores over the last sample. */
  cpu_usage: percent.optional(),
  memory_usage: percent.optional(),
  gpus: z.array(gpu).max(32).optional(),
  /** Free on the volume that holds Ollama's models, MiB. */
  disk_free_mb: z.number().nonnegative().optional(),
  memory_total_mb: z.number().nonnegative().optional(),
});
export type AgentState = z.infer<typeof agentState>;

/** What a receiver knows of one direction of a stream when a socket is replaced (TN12). */
const streamPosition = z.object({
  id: z.number().int().positive().max(0xffff_ffff),
  /** Bytes received in order; the sender goes on from here. */
  received: offset,
  /** Bytes of these that were consumed: frees the sender's memory. */
  consumed: offset,
  /** The END (or RESET) of this direction has been seen. */
  ended: z.boolean(),
  /** Coordinator only: the RESPONSE head has been seen. */
  head: z.boolean(),
});
export type StreamPosition = z.infer<typeof streamPosition>;

export const hello = z.object({
  version: z.object({ min: z.number().int().positive(), max: z.number().int().positive() }),
  agent_version: z.string().max(64),
  /** New for every start of the program: only the same running agent may resume streams. */
  instance_id: z.string().min(8).max(64),
  /** SHA-256 of the operating system's machine id: tells a copied state directory from a restart. */
  machine_hash: z.string().min(8).max(128),
  machine_name: z.string().min(1).max(200),
  ip_address: z.string().max(64).optional(),
  os: z.string().max(200).optional(),
  ollama_port: z.number().int().min(0).max(65_535).optional(),
  /** The agent's own limit of requests at once (`--max-concurrency`). */
  max_concurrency: z.number().int().positive().max(1024).optional(),
  /** Whether the owner lets the coordinator pull, create, copy and delete models. */
  allow_manage: z.boolean(),
  state: agentState,
  /** Streams that this agent still has, for resumption; empty for a new instance. */
  streams: z.array(streamPosition).max(LIMITS.streams_per_agent),
});
export type Hello = z.infer<typeof hello>;

export const welcome = z.object({
  version: z.number().int().positive(),
  agent_id: z.string(),
  name: z.string(),
  heartbeat_ms: z.number().int().positive(),
  /** How long the agent keeps streams of a lost socket. */
  resume_window_ms: z.number().int().nonnegative(),
  connect_ms: z.number().int().positive(),
  first_byte_ms: z.number().int().positive(),
  idle_ms: z.number().int().positive(),
  /** Streams that go on; those that are not in the list are over for the coordinator. */
  streams: z.array(streamPosition).max(LIMITS.streams_per_agent),
});
export type Welcome = z.infer<typeof welcome>;

/** What `new Headers` and Node's `setHeader` take; anything else would throw where nobody expects it, or split an answer. */
const headerName = z
  .string()
  .max(256)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
const headerValue = z
  .string()
  .max(16_384)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/);
const headers = z.array(z.tuple([headerName, headerValue])).max(LIMITS.headers);

/** Head of a request that the agent shall forward to its own Ollama. */
export const requestHead = z.object({
  method: z.enum(["GET", "HEAD", "POST", "DELETE"]),
  /** Path and query at Ollama. One slash only: `//host/` and `/\host/` name another server to a URL parser. */
  path: z
    .string()
    .max(2_048)
    .regex(/^\/(?![/\\])[\x21-\x7e]*$/),
  headers,
  /** Body length where it is known, -1 for one of unknown length, 0 for none. */
  content_length: z.number().int().min(-1).max(Number.MAX_SAFE_INTEGER),
  /** Bytes of the answer that the agent may send before it hears of more credit. */
  window: z.number().int().min(LIMITS.window_floor_bytes).max(LIMITS.window_bytes),
});
export type RequestHead = z.infer<typeof requestHead>;

export const responseHead = z.object({
  status: z.number().int().min(200).max(599),
  headers,
});
export type ResponseHead = z.infer<typeof responseHead>;

/** What the agent read in Ollama's last message; counts are tokens, durations nanoseconds as Ollama's. */
export const answerStats = z.object({
  prompt_tokens: count.optional(),
  completion_tokens: count.optional(),
  load_duration: count.optional(),
  prompt_eval_duration: count.optional(),
  eval_duration: count.optional(),
});
export type AnswerStats = z.infer<typeof answerStats>;

/** Where and what was wrong with a message, for the close reason; never the value itself. */
export function issueOf(error: z.ZodError): string {
  const issue = error.issues[0];
  // A path may contain keys of the peer's choosing, and a close reason has place for 123 bytes.
  return issue === undefined
    ? "invalid"
    : `${issue.path.map(String).join(".").slice(0, 60)}: ${issue.message}`;
}
