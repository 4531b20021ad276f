import { join } from "node:path";
import type { Env } from "../../core/proxy-env.ts";

/** This project's own settings and secrets, whatever else sounds like one, and what would make a Node program of the child. */
const WITHHELD =
  /^(JOIN_TOKEN|ADMIN_TOKEN|CLIENT_AUTH|CORS_ORIGINS|LOG_LEVEL|COORDINATOR_.*|AGENT_.*|ELECTRON_.*|NODE_.*|NPM_.*|OLLAMA_(URL|RELEASES_URL|CHECKSUM|SKIP_CHECKSUM_VERIFICATION|DOWNLOAD_.*))$|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_KEY|PRIVATE_KEY/i;

/** Would lead the server's caches and settings back into the user's home. */
const HOMES = /^(XDG_(CACHE|CONFIG|DATA|STATE)_HOME|HOMEDRIVE|HOMEPATH)$/i;

/** The environment for a program that is not ours; proxies stay, with their passwords: Ollama pulls through them. */
export function plainEnv(env: Env): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !WITHHELD.test(name)) kept[name] = value;
  }
  return kept;
}

export interface ServerPlace {
  platform: NodeJS.Platform;
  /** Directories of a managed server; undefined for one that keeps its user's. */
  own: { home: string; models: string } | undefined;
  port: number;
  allowCloud: boolean;
}

/** The environment of an `ollama serve` of ours: the user's tuning, but its own address and, where it is managed, home and models. */
export function serverEnv(env: Env, place: ServerPlace): Record<string, string> {
  const { own, port, allowCloud, platform } = place;
  const kept = Object.entries(plainEnv(env)).filter(([name]) => own === undefined || !HOMES.test(name));
  const result: Record<string, string> = Object.fromEntries(kept);
  const set = (name: string, value: string): void => {
    // Of two spellings of one variable Windows takes whichever it likes.
    for (const known of Object.keys(result)) {
      if (platform === "win32" && known.toLowerCase() === name.toLowerCase()) delete result[known];
    }
    result[name] = value;
  };
  set("OLLAMA_HOST", `127.0.0.1:${port}`);
  if (own !== undefined) {
    const { home, models } = own;
    set("OLLAMA_MODELS", models);
    set("HOME", home);
    if (platform === "win32") {
      set("USERPROFILE", home);
      set("APPDATA", join(home, "AppData", "Roaming"));
      set("LOCALAPPDATA", join(home, "AppData", "Local"));
    }
  }
  if (!allowCloud) set("OLLAMA_NO_CLOUD", "1");
  const origins = safeOrigins(result.OLLAMA_ORIGINS);
  delete result.OLLAMA_ORIGINS;
  if (origins !== "") set("OLLAMA_ORIGINS", origins);
  return result;
}

/** Without those that let in every page of the web: one that the owner happens to visit could pull and delete models here. */
function safeOrigins(list: string | undefined): string {
  return (list ?? "")
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "" && !/^((https?|\*):\/\/)?\*(:(\d+|\*))?\/?$/i.test(origin))
    .join(",");
}
