import type { Agent } from "../agent.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
/** A download takes a little more than the model, and a full disk harms the whole machine. */
const DISK_FACTOR = 1.1;
const DISK_SPARE = 2 * GIB;
/** Free disk that is asked for when nobody knows how large the model is, bytes. */
const DISK_FOR_UNKNOWN = 10 * GIB;

/**
 * Whether a model of this size (bytes; undefined: unknown) has room on a machine, as far as that says what it has. What a
 * machine does not say is no reason against it.
 */
export function hasRoom(agent: Agent, size: number | undefined): boolean {
  const { disk_free_mb, memory_total_mb, gpus } = agent.state;
  if (disk_free_mb !== undefined) {
    const needed = size === undefined ? DISK_FOR_UNKNOWN : size * DISK_FACTOR + DISK_SPARE;
    if (disk_free_mb * MIB < needed) return false;
  }
  if (size === undefined || memory_total_mb === undefined) return true;
  const onGpus = (gpus ?? []).reduce((sum, gpu) => sum + (gpu.memory_total_mb ?? 0), 0);
  return size <= Math.max(onGpus, memory_total_mb) * MIB;
}

/** Most free disk first, then fewest models. */
export function byRoom(a: Agent, b: Agent): number {
  return (
    (b.state.disk_free_mb ?? -1) - (a.state.disk_free_mb ?? -1) ||
    (a.state.models?.length ?? 0) - (b.state.models?.length ?? 0) ||
    (a.id < b.id ? -1 : 1)
  );
}
