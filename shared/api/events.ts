import { z } from "zod";

const timestamp = z.iso.datetime();

/** What happened, and who did it. Never a secret, never a prompt. */
export const eventView = z.object({
  id: z.uuid(),
  at: timestamp,
  kind: z.string(),
  /** Who did it; null: it happened by itself, or a machine did it. */
  actor: z.string().nullable(),
  agent_id: z.string().nullable(),
  /** What it was about; a change says `before` and `after`. */
  detail: z.record(z.string(), z.unknown()),
});
export type EventView = z.infer<typeof eventView>;

/** Filters of `GET /api/admin/events`; newest first. */
export const eventFilter = z.object({
  kind: z.string().max(100).optional(),
  agent_id: z.uuid().optional(),
  actor: z.string().max(300).optional(),
  from: timestamp.optional(),
  to: timestamp.optional(),
});
export type EventFilter = z.infer<typeof eventFilter>;
