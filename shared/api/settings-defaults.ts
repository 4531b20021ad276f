import type { Settings } from "./settings.ts";

/** What holds where nobody has said otherwise; apart from the schemas, so that the dashboard can show it without them. */
export const DEFAULT_SETTINGS: Settings = {
  strategy: "auto",
  queue: { max_length: 100, timeout_s: 600 },
  resume_window_s: 15,
  connect_timeout_s: 5,
  first_byte_timeout_s: 600,
  idle_timeout_s: 300,
  retention_days: 7,
  cors_origins: ["*"],
  aliases: {},
  fallbacks: {},
};
