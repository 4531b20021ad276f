import { z } from "zod";

/** How an agent is chosen among those that could answer. */
export const STRATEGIES = ["auto", "round-robin", "least-loaded", "weighted"] as const;
export type StrategyName = (typeof STRATEGIES)[number];

const origin = z.string().refine((value) => value === "*" || /^[a-z][a-z0-9+.-]*:\/\/[^/\s]+$/i.test(value), {
  message: "must be * or an origin such as https://app.example",
});

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
});
export type Settings = z.infer<typeof settings>;

export const DEFAULT_SETTINGS: Settings = {
  strategy: "auto",
  queue: { max_length: 100, timeout_s: 600 },
  resume_window_s: 15,
  connect_timeout_s: 5,
  first_byte_timeout_s: 600,
  idle_timeout_s: 300,
  retention_days: 7,
  cors_origins: ["*"],
};

/** `PUT /api/admin/settings`: a part of the settings; all of it is applied, or nothing. */
export const settingsPatch = settings.extend({ queue: settings.shape.queue.partial() }).partial();
export type SettingsPatch = z.infer<typeof settingsPatch>;

/** What the API answers: the settings, and the fields that the environment has fixed. */
export const settingsView = settings.extend({
  /** Names of settings that the environment sets and the API refuses to change. */
  locked: z.array(z.string()),
});
export type SettingsView = z.infer<typeof settingsView>;
