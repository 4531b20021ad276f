import { z } from "zod";
import { YIELD_REASONS } from "../../shared/protocol/messages.ts";
import { progress } from "../ollama/progress.ts";

/**
 * What an agent knows of itself, for whoever shows it: the tray, `agent status`, a script. It crosses the local socket and
 * the tray's bridge, so the schema is the type.
 */
const timestamp = z.iso.datetime();
const text = z.string();

export const connectionStatus = z.discriminatedUnion("state", [
  /** No coordinator URL yet. */
  z.object({ state: z.literal("unconfigured") }),
  z.object({ state: z.literal("registering"), retry_at: timestamp.nullable(), problem: text.nullable() }),
  /** Shows its code until somebody approves it. */
  z.object({
    state: z.literal("pairing"),
    code: text,
    dashboard_url: text,
    expires_at: timestamp,
    problem: text.nullable(),
  }),
  /** Nobody let it in; `pair` asks again. */
  z.object({ state: z.literal("not_paired"), why: z.enum(["expired", "rejected"]), message: text }),
  /** Knows who it is, and is on its way; `problem` says why it is not there yet. */
  z.object({ state: z.literal("connecting"), retry_at: timestamp.nullable(), problem: text.nullable() }),
  z.object({ state: z.literal("online"), agent_id: text, name: text, since: timestamp }),
  /** A person must act; nothing is tried until then. */
  z.object({ state: z.literal("stopped"), message: text }),
]);
export type ConnectionStatus = z.infer<typeof connectionStatus>;

/** Whether new work may come, and if not, why. */
export const sharingStatus = z.discriminatedUnion("state", [
  z.object({ state: z.literal("sharing") }),
  z.object({
    state: z.literal("yielding"),
    reason: z.enum(YIELD_REASONS),
    /** For a person, e.g. which program uses the GPU. */
    detail: text.nullable(),
    /** When it ends by itself; null when nobody knows. */
    until: timestamp.nullable(),
  }),
]);
export type SharingStatus = z.infer<typeof sharingStatus>;

/** Something that takes a while; at most one of Ollama's own and one of a model at a time. */
export const job = z.object({
  kind: z.enum(["install", "update", "rollback", "uninstall", "restart", "pull"]),
  /** The version or the model. */
  subject: text,
  step: z.enum(["looking_up", "downloading", "verifying", "unpacking", "draining", "starting", "waiting"]),
  progress: progress.nullable(),
  /** What went wrong last, while it tries again. */
  problem: text.nullable(),
});
export type Job = z.infer<typeof job>;

/** A question that the owner has not answered yet. */
export const question = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("install"),
    version: text,
    download_bytes: z.number().int().nonnegative().nullable(),
    directory: text,
  }),
  /** Ollama is here and does not run: may this program run it? */
  z.object({ kind: z.literal("start"), version: text, binary: text }),
  z.object({ kind: z.literal("pull"), model: text, download_bytes: z.number().int().nonnegative() }),
]);
export type Question = z.infer<typeof question>;

export const ollamaStatus = z.object({
  /** `managed`: this agent runs it. `attached`: the user's own, never touched. */
  source: z.enum(["managed", "attached", "none"]),
  url: text,
  state: z.enum(["starting", "ok", "absent", "hung"]),
  version: text.nullable(),
  problem: text.nullable(),
  /** A newer release than the managed one, where one is known. */
  update: text.nullable(),
  /** A managed version that `rollback` goes back to. */
  previous: text.nullable(),
  models: z.array(z.object({ name: text, size: z.number().nullable(), loaded: z.boolean() })),
});
export type OllamaStatus = z.infer<typeof ollamaStatus>;

export const agentStatus = z.object({
  version: text,
  pid: z.number().int(),
  started_at: timestamp,
  state_dir: text,
  name: text,
  coordinator_url: text.nullable(),
  connection: connectionStatus,
  sharing: sharingStatus,
  /** Requests being answered now, and answered since the start. */
  running: z.number().int().nonnegative(),
  answered: z.number().int().nonnegative(),
  ollama: ollamaStatus,
  job: job.nullable(),
  question: question.nullable(),
  /** The last thing that failed for good, until the next job starts. */
  failure: z.object({ kind: job.shape.kind, message: text }).nullable(),
});
export type AgentStatus = z.infer<typeof agentStatus>;
