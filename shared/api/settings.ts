import { z } from "zod";
import { isCloudName } from "../lib/model-name.ts";

/** How an agent is chosen among those that could answer. */
export const STRATEGIES = ["auto", "round-robin", "least-loaded", "weighted"] as const;
export type StrategyName = (typeof STRATEGIES)[number];

const origin = z.string().refine((value) => value === "*" || /^[a-z][a-z0-9+.-]*:\/\/[^/\s]+$/i.test(value), {
  message: "must be * or an origin such as https://app.example",
});

/** Longest name of a model in the settings, characters; most entries of a table; most fallbacks of one model. */
const NAME_CHARS = 200;
const MAX_ENTRIES = 200;
const MAX_FALLBACKS = 10;

/** It is written into bodies and a header: half a surrogate pair or a line break has no business there. */
const modelName = z
  .string()
  .min(1)
  .max(NAME_CHARS)
  .regex(/^[^\s\p{C}]+(?: [^\s\p{C}]+)*$/u, { message: "a name of a model such as qwen3:32b" });
const localModel = modelName.refine((name) => !isCloudName(name), {
  message: "must not be a model of ollama.com: it would use the account of a machine's owner",
});
const few = (table: object): boolean => Object.keys(table).length <= MAX_ENTRIES;
const FEW = { message: `must have at most ${MAX_ENTRIES} entries` };

/** What an operator can change while the coordinator runs. Durations are seconds. */
export const settings = z.strictObject({
  strategy: z.enum(STRATEGIES),
  queue: z.strictObject({
    /** Requests that may wait at once. */
    max_length: z.number().int().min(0).max(10_000),
    /** Longest wait, seconds. */
    timeout_s: z.number().int().min(1).max(86_400),
  }),
  /** How long streams of a lost agent wait for it to dial in again. */
  resume_window_s: z.number().int().min(0).max(300),
  /** Time to connect to an agent's Ollama. */
  connect_timeout_s: z.number().int().min(1).max(60),
  /** Time to the first byte of Ollama's answer: includes loading the model. */
  first_byte_timeout_s: z.number().int().min(1).max(3_600),
  /** Longest silence between two bytes of an answer. */
  idle_timeout_s: z.number().int().min(1).max(3_600),
  /** How long request history and events are kept. */
  retention_days: z.number().int().min(1).max(365),
  /** Origins whose pages may call the client API. */
  cors_origins: z.array(origin).max(100),
  /** Names that clients may ask for, and the model (or alias) that is meant. */
  aliases: z.record(modelName, localModel).refine(few, FEW),
  /** Models to use, in this order, when no machine has one or only machines that are offline. */
  fallbacks: z.record(modelName, z.array(localModel).max(MAX_FALLBACKS)).refine(few, FEW),
});
export type Settings = z.infer<typeof settings>;

/** `PUT /api/admin/settings`: a part of the settings; all of it is applied, or nothing. */
export const settingsPatch = settings.extend({ queue: settings.shape.queue.partial() }).partial();
export type SettingsPatch = z.infer<typeof settingsPatch>;

/** What the API answers: the settings, and the fields that the environment has fixed. */
export const settingsView = settings.extend({
  /** Names of settings that the environment sets and the API refuses to change. */
  locked: z.array(z.string()),
});
export type SettingsView = z.infer<typeof settingsView>;
