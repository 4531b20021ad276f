import { z } from "zod";

/** How far a transfer is. */
export const progress = z.object({
  done_bytes: z.number().int().nonnegative(),
  /** null: nobody has said. */
  total_bytes: z.number().int().nonnegative().nullable(),
  /** Over the last few seconds; null before the first second. */
  bytes_per_s: z.number().nonnegative().nullable(),
  eta_s: z.number().nonnegative().nullable(),
});
export type Progress = z.infer<typeof progress>;
