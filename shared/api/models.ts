import { z } from "zod";

const timestamp = z.iso.datetime();
const who = z.object({ id: z.string(), name: z.string() });

/** A machine that has a model. */
const modelOnAgent = who.extend({
  online: z.boolean(),
  digest: z.string().nullable(),
  /** Bytes on disk. */
  size: z.number().nullable(),
  loaded: z.boolean(),
  /** Tokens; null unless it is loaded. */
  context_length: z.number().nullable(),
  /** Bytes in the memory of GPUs; null unless it is loaded. */
  size_vram: z.number().nullable(),
});

const pulling = z.object({
  agent_id: z.string(),
  agent_name: z.string(),
  since: timestamp,
  /** What the machine's Ollama last said, and how far the layer is that it speaks of, bytes. */
  status: z.string(),
  completed: z.number().nullable(),
  total: z.number().nullable(),
});

const placementView = z.object({
  replicas: z.number().int(),
  /** Ids of the machines that may have it; null: all. */
  agents: z.array(z.string()).nullable(),
  /** Tags of which a machine must have one; null: any. */
  tags: z.array(z.string()).nullable(),
  state: z.object({
    /** Machines that have it, those included that have been offline for less than ten minutes. */
    have: z.number().int(),
    pulling: z.array(pulling),
    /** Replicas that are neither there nor on their way. */
    missing: z.number().int(),
    /** Why nothing is done about those that are missing; null when something is. */
    problem: z.string().nullable(),
  }),
});

/** One model over the fleet. */
export const modelView = z.object({
  name: z.string(),
  /** Of the newest copy. */
  size: z.number().nullable(),
  digest: z.string().nullable(),
  /** Machines have different models under this name. */
  conflict: z.boolean(),
  digests: z.array(z.object({ digest: z.string(), agents: z.array(who) })),
  agents: z.array(modelOnAgent),
  placement: placementView.nullable(),
});
export type ModelView = z.infer<typeof modelView>;
export type PlacementView = z.infer<typeof placementView>;

/** A model's name as Ollama takes it, with or without host, namespace and tag. */
export const modelName = z
  .string()
  .max(600)
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9._:/-]*$/,
    "a model's name: letters, digits, dot, dash, underscore, slash, colon",
  );

export const placementPut = z.strictObject({
  /** On how many machines the model is to be kept; 0 takes the wish back and deletes nothing. */
  replicas: z.number().int().min(0).max(1_000),
  /** Ids or names of the machines that may have it; null: all. */
  agents: z.array(z.string().min(1).max(100)).min(1).max(1_000).nullable().optional(),
  /** Tags of which a machine must have one; null: any. */
  tags: z.array(z.string().trim().min(1).max(50)).min(1).max(20).nullable().optional(),
});
export type PlacementPut = z.infer<typeof placementPut>;
