import { z } from "zod";

const timestamp = z.iso.datetime();

export const PERMISSIONS = ["infer", "manage"] as const;
export const permission = z.enum(PERMISSIONS);
export type Permission = z.infer<typeof permission>;

export const PRIORITIES = ["high", "normal", "low"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What a key may use; a limit that is null does not hold. */
const limits = z.strictObject({
  /** Requests in any minute. */
  rpm: z.number().int().min(1).max(1_000_000).nullable(),
  /** Tokens in any minute, prompt and answer together. */
  tpm: z.number().int().min(1).max(1_000_000_000).nullable(),
  /** Tokens in any 24 hours, prompt and answer together. */
  tpd: z.number().int().min(1).max(100_000_000_000).nullable(),
  /** Requests at once, waiting or running. */
  max_concurrency: z.number().int().min(1).max(10_000).nullable(),
});

/** How much of the queue's turns a key gets beside others that wait. */
const share = z.strictObject({
  priority: z.enum(PRIORITIES),
  /** Multiplies the weight that the priority gives. */
  weight: z.number().min(0.01).max(100),
});

/** `POST /api/admin/keys` */
export const keyCreate = z.strictObject({
  name: z.string().trim().min(1).max(100),
  permissions: z.array(permission).min(1).max(2).default(["infer"]),
  /** Globs (`*` any characters, `?` one) of models that the key may use; absent: all. */
  models: z.array(z.string().min(1).max(200)).max(100).optional(),
  /** Whether `manage` also holds when the key comes in the URL's path. */
  path: z.boolean().default(false),
  expires_at: timestamp.optional(),
  ...limits.partial().shape,
  /** `normal` and 1 unless it is said otherwise. */
  ...share.partial().shape,
});
export type KeyCreate = z.infer<typeof keyCreate>;

export const keyPatch = z.strictObject({
  name: z.string().trim().min(1).max(100).optional(),
  permissions: z.array(permission).min(1).max(2).optional(),
  models: z.array(z.string().min(1).max(200)).max(100).nullable().optional(),
  path: z.boolean().optional(),
  expires_at: timestamp.nullable().optional(),
  ...limits.partial().shape,
  ...share.partial().shape,
});
export type KeyPatch = z.infer<typeof keyPatch>;

/** What counts against a key's limits at this moment; 0 where there is no limit to count for. */
const keyUsage = z.object({
  /** Requests of the last minute. */
  rpm: z.number().int().min(0),
  /** Tokens of the last minute. */
  tpm: z.number().int().min(0),
  /** Tokens of the last 24 hours. */
  tpd: z.number().int().min(0),
  /** Requests that wait or run now, with a limit or without. */
  concurrent: z.number().int().min(0),
});
export type KeyUsageView = z.infer<typeof keyUsage>;

export const keyView = z.object({
  id: z.uuid(),
  name: z.string(),
  /** The first characters of the key, to recognise it by. */
  prefix: z.string(),
  permissions: z.array(permission),
  models: z.array(z.string()).nullable(),
  path: z.boolean(),
  created_at: timestamp,
  expires_at: timestamp.nullable(),
  last_used_at: timestamp.nullable(),
  ...limits.shape,
  ...share.shape,
  usage: keyUsage,
});
export type KeyView = z.infer<typeof keyView>;

/** The only answer that ever shows the key. */
export const keyCreated = keyView.extend({ key: z.string() });
export type KeyCreated = z.infer<typeof keyCreated>;

/** `POST /api/admin/join-tokens` */
export const joinTokenCreate = z.strictObject({
  name: z.string().trim().min(1).max(100).default("join token"),
  /** Seconds; a day unless it is said otherwise. */
  expires_in_s: z.number().int().min(60).max(31_536_000).default(86_400),
  max_uses: z.number().int().min(1).max(100_000).default(1),
});
export type JoinTokenCreate = z.infer<typeof joinTokenCreate>;

export const joinTokenView = z.object({
  id: z.uuid(),
  name: z.string(),
  prefix: z.string(),
  created_at: timestamp,
  expires_at: timestamp,
  max_uses: z.number().int(),
  uses: z.number().int(),
});
export type JoinTokenView = z.infer<typeof joinTokenView>;

export const joinTokenCreated = joinTokenView.extend({ token: z.string() });
export type JoinTokenCreated = z.infer<typeof joinTokenCreated>;
