import { statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";

/** What this machine has room for; a field is absent where it cannot be told. */
export interface Capacity {
  /** Free for Ollama's models, MiB. */
  disk_free_mb?: number;
  memory_total_mb?: number;
}

const MIB = 1024 * 1024;
/** Moves of free disk that are told: this share of what was told before, or a GiB. */
const SHARE = 0.05;
const GIB_MB = 1024;

/** Hosts that are this machine; who has OLLAMA_HOST=0.0.0.0 for their Ollama copies that as its URL, too. */
const HERE = /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])$/;

export interface ModelsPlace {
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  ollamaUrl: string;
}

/** Where Ollama may keep its models, likeliest first; none for an Ollama on another machine, whose disks nobody here sees. */
export function modelsDirs({ env, home, ollamaUrl }: ModelsPlace): string[] {
  const { hostname } = new URL(ollamaUrl);
  if (!HERE.test(hostname)) return [];
  const told = env.OLLAMA_MODELS;
  if (told !== undefined && told !== "") return [told, home];
  // The second is where Ollama's own installer for Linux puts the service's.
  return [join(home, ".ollama", "models"), "/usr/share/ollama/.ollama/models", home];
}

/** Reads this machine's capacity; never rejects. */
export function capacityReader(place: ModelsPlace): () => Promise<Capacity> {
  const dirs = modelsDirs(place);
  return async () => {
    const memory = { memory_total_mb: Math.floor(totalmem() / MIB) };
    for (const dir of dirs) {
      try {
        const { bavail, bsize } = await statfs(dir);
        return { ...memory, disk_free_mb: Math.floor((bavail * bsize) / MIB) };
      } catch {
        // Not there, or not for this user: the next one.
      }
    }
    return memory;
  };
}

/** Whether a reading says something new: what only flickers does not wake an idle fleet. */
export function capacityChanged(told: Capacity | undefined, now: Capacity): boolean {
  if (told === undefined || told.memory_total_mb !== now.memory_total_mb) return true;
  if (told.disk_free_mb === undefined || now.disk_free_mb === undefined) {
    return told.disk_free_mb !== now.disk_free_mb;
  }
  const moved = Math.abs(now.disk_free_mb - told.disk_free_mb);
  return moved >= GIB_MB || (moved > 0 && moved >= told.disk_free_mb * SHARE);
}
