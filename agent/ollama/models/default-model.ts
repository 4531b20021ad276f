import type { Gpu } from "../../../shared/protocol/messages.ts";

/** A model for a machine that has none, with what it costs. */
export interface DefaultModel {
  name: string;
  download_bytes: number;
  /** Weights, a usual context and Ollama's own overhead, MiB. */
  memory_mb: number;
  /** Of use without a GPU, too: small, or with few of its parameters active at a time. */
  without_gpu: boolean;
}

const GB = 1_000_000_000;

/**
 * Smallest first. Sizes: the table of models in Ollama's README (gemma3), and https://ollama.com/library/gpt-oss (14 GB, for
 * "systems with as little as 16GB memory"). Memory is an estimate, not a measurement: the download, a usual context and some
 * more, such that the sizes go with cards of 6, 12, 16 and 24 GB as their drivers report them.
 */
export const DEFAULT_MODELS: readonly DefaultModel[] = [
  { name: "gemma3:1b", download_bytes: 0.815 * GB, memory_mb: 2_000, without_gpu: true },
  { name: "gemma3:4b", download_bytes: 3.3 * GB, memory_mb: 5_000, without_gpu: true },
  { name: "gemma3:12b", download_bytes: 8.1 * GB, memory_mb: 11_000, without_gpu: false },
  { name: "gpt-oss:20b", download_bytes: 14 * GB, memory_mb: 15_500, without_gpu: true },
  { name: "gemma3:27b", download_bytes: 17 * GB, memory_mb: 22_000, without_gpu: false },
];

/** Below this a GPU (often one that is part of the processor) runs no better model than the processor does. */
const USABLE_GPU_MB = 5_000;
/** Of the memory, for models: the rest is the owner's. */
const SHARE_OF_MEMORY = 0.5;
/** Apple's GPUs use the machine's memory, by default up to about this share of it. */
const SHARE_OF_UNIFIED_MEMORY = 2 / 3;
/** Left free on the disk. */
const SPARE_DISK_MB = 2_048;
const MIB = 1024 * 1024;

export interface Room {
  gpus: readonly Gpu[];
  memoryTotalMb: number;
  /** Undefined where it cannot be told. */
  diskFreeMb: number | undefined;
}

/** The largest of the table that this machine runs well and has room for; undefined when not even the smallest. */
export function chooseDefaultModel({ gpus, memoryTotalMb, diskFreeMb }: Room): DefaultModel | undefined {
  const gpuMb = usableGpuMb(gpus, memoryTotalMb);
  const memoryMb = gpuMb ?? memoryTotalMb * SHARE_OF_MEMORY;
  return DEFAULT_MODELS.findLast(
    (model) =>
      model.memory_mb <= memoryMb &&
      (gpuMb !== undefined || model.without_gpu) &&
      (diskFreeMb === undefined || model.download_bytes / MIB + SPARE_DISK_MB <= diskFreeMb),
  );
}

/** Of the GPUs of one kind together: Ollama spreads a model over several, but not over several makers'. */
function usableGpuMb(gpus: readonly Gpu[], memoryTotalMb: number): number | undefined {
  const byKind = new Map<string, number>();
  for (const { name, memory_total_mb: mb } of gpus) {
    const unified = mb === undefined && /^apple m\d/i.test(name);
    const has = unified ? memoryTotalMb * SHARE_OF_UNIFIED_MEMORY : (mb ?? 0);
    if (has >= USABLE_GPU_MB) byKind.set(name, (byKind.get(name) ?? 0) + has);
  }
  return byKind.size === 0 ? undefined : Math.max(...byKind.values());
}
