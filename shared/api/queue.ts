import { z } from "zod";

/** A request that waits, as `GET /api/admin/queue` shows it. */
export const queuedRequest = z.object({
  /** The id in the history, once it has ended. */
  id: z.string(),
  /** 1 is the next of those that wait for the same model. */
  position: z.number().int().positive(),
  /** Until its turn is expected to come, by what was measured since somebody waits for this model; null: nothing was yet. */
  estimate_ms: z.number().nonnegative().nullable(),
  waited_ms: z.number().nonnegative(),
  arrived_at: z.iso.datetime(),
  model: z.string(),
  endpoint: z.string(),
  key_id: z.string().nullable(),
  key_name: z.string().nullable(),
  /** The only machine that may serve it, by id; null: any. */
  agent_id: z.string().nullable(),
});
export type QueuedRequest = z.infer<typeof queuedRequest>;

/** Requests that wait, in the order in which their turns are expected to come. */
export const queueView = z.object({
  items: z.array(queuedRequest),
  next_cursor: z.string().nullable(),
  /** All that wait. */
  length: z.number().int(),
  max_length: z.number().int(),
});
export type QueueView = z.infer<typeof queueView>;
