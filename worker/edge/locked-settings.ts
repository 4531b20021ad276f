import type { SettingsPatch } from "../../shared/api/settings.ts";

/** Settings that the environment fixes. */
export function lockedSettings(corsOrigins: string | undefined): SettingsPatch {
  if (corsOrigins === undefined || corsOrigins.trim() === "") return {};
  return {
    cors_origins: corsOrigins
      .split(",")
      .map((origin) => origin.trim())
      .filter((origin) => origin !== ""),
  };
}
