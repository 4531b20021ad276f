import { z } from "zod";

const timestamp = z.iso.datetime();

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
  load_ms: z.number().nullable(),
  request_bytes: z.number().int(),
  response_bytes: z.number().int(),
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
