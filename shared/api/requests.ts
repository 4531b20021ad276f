import { z } from "zod";

const timestamp = z.iso.datetime();

/** One attempt to serve a request: a machine that was chosen for it, and how that went. */
export const attemptView = z.object({
  agent_id: z.string().nullable(),
  agent_name: z.string().nullable(),
  /** Why this machine. */
  reason: z.string().nullable(),
  /** Since the request arrived, ms. */
  started_ms: z.number(),
  /** First byte of the answer; null: none came. */
  first_byte_ms: z.number().nullable(),
  ended_ms: z.number(),
  error_code: z.string().nullable(),
});
export type AttemptView = z.infer<typeof attemptView>;

/** One finished request as the history keeps it. Prompts and answers are never stored. */
export const requestView = z.object({
  id: z.uuid(),
  /** When it arrived. */
  at: timestamp,
  endpoint: z.string(),
  model: z.string().nullable(),
  key_id: z.string().nullable(),
  key_name: z.string().nullable(),
  agent_id: z.string().nullable(),
  agent_name: z.string().nullable(),
  /** HTTP status that the client saw. */
  status: z.number().int(),
  /** Error code of the coordinator, or `cancelled`; null when the answer is Ollama's and complete. */
  error_code: z.string().nullable(),
  attempts: z.number().int(),
  reason: z.string().nullable(),
  queue_ms: z.number(),
  /** From arrival to the first byte of the answer. */
  first_byte_ms: z.number().nullable(),
  duration_ms: z.number(),
  prompt_tokens: z.number().int().nullable(),
  completion_tokens: z.number().int().nullable(),
  /** What Ollama says of its own work: loading the model, reading the prompt, writing the answer. */
  load_ms: z.number().nullable(),
  prompt_ms: z.number().nullable(),
  eval_ms: z.number().nullable(),
  request_bytes: z.number().int(),
  response_bytes: z.number().int(),
  /** In their order; empty when it never reached a machine. */
  tries: z.array(attemptView),
});
export type RequestView = z.infer<typeof requestView>;

/** Filters of `GET /api/admin/requests`; newest first. */
export const requestFilter = z.object({
  model: z.string().max(600).optional(),
  agent_id: z.uuid().optional(),
  key_id: z.uuid().optional(),
  /** An exact status such as `200`, or a class such as `5xx`. */
  status: z
    .string()
    .regex(/^[1-5](\d\d|xx)$/, "a status such as 200 or a class such as 5xx")
    .optional(),
  endpoint: z.string().max(200).optional(),
  from: timestamp.optional(),
  to: timestamp.optional(),
});
export type RequestFilter = z.infer<typeof requestFilter>;
