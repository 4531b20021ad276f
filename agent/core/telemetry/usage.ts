import { cpus, freemem, totalmem } from "node:os";

export interface Usage {
  /** Percent of all cores since the last sample. */
  cpu_usage: number;
  memory_usage: number;
}

interface CpuTimes {
  busy: number;
  total: number;
}

/** Samples this machine; the first sample covers the time since the system started. */
export function usageSampler(): () => Usage {
  let last: CpuTimes = { busy: 0, total: 0 };
  return () => {
    const now = cpuTimes();
    const total = now.total - last.total;
    const cpu = total <= 0 ? 0 : ((now.busy - last.busy) / total) * 100;
    last = now;
    return { cpu_usage: percent(cpu), memory_usage: percent((1 - freemem() / totalmem()) * 100) };
  };
}

function cpuTimes(): CpuTimes {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const active = times.user + times.nice + times.sys + times.irq;
    busy += active;
    total += active + times.idle;
  }
  return { busy, total };
}

function percent(value: number): number {
  return Math.round(Math.min(100, Math.max(0, value)) * 10) / 10;
}

const POINTS = 5;
const MINUTE_MS = 60_000;
/** Above this share the coordinator prefers other machines, percent. */
const STRAINED = 80;

/**
 * Whether a sample is news: 5 points away from what was told, or a minute old while there is work. An idle machine tells it once a
 * minute at most, because each message wakes the coordinator, and an idle fleet must cost nothing; but at once when it
 * comes under strain or out of it, because that decides where work goes.
 */
export function isNews(told: Usage | undefined, now: Usage, ageMs: number, working: boolean): boolean {
  if (told === undefined) return true;
  if (working && ageMs >= MINUTE_MS) return true;
  const moved =
    Math.abs(now.cpu_usage - told.cpu_usage) >= POINTS ||
    Math.abs(now.memory_usage - told.memory_usage) >= POINTS;
  return moved && (working || ageMs >= MINUTE_MS || strained(now) !== strained(told));
}

function strained({ cpu_usage, memory_usage }: Usage): boolean {
  return cpu_usage > STRAINED || memory_usage > STRAINED;
}
