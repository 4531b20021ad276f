import { Refusal } from "./errors.ts";
import type { Handler } from "./inference.ts";
import { isRecord, record, text } from "./json.ts";
import type { Fault } from "./types.ts";

/** How benchmarks steer a stand-in that runs as a process of its own. */
function isFault(value: unknown): value is Fault {
  if (!isRecord(value)) return false;
  switch (value.kind) {
    case "cut":
      return typeof value.afterBytes === "number";
    case "slow":
      return typeof value.delayMs === "number";
    case "status":
      return typeof value.status === "number" && typeof value.body === "string";
    case "raw":
      return (
        Array.isArray(value.chunks) &&
        value.chunks.every((c) => typeof c === "string" || typeof record(c).delayMs === "number")
      );
    default:
      return value.kind === "never" || value.kind === "crash";
  }
}

/** Body: {fault, path?, times?}; JSON has no Infinity, so times -1 means all requests from now on. */
const misbehave: Handler = (machine, exchange) => {
  const { fault, path, times } = exchange.body;
  if (!isFault(fault)) throw new Refusal(400, "no such fault");
  const count = typeof times === "number" ? times : 1;
  machine.faults.plan(fault, text(path) || undefined, count < 0 ? Number.POSITIVE_INFINITY : count);
  exchange.empty(204);
};

const stats: Handler = (machine, exchange) => {
  const { journal } = machine;
  const cpu = process.cpuUsage();
  exchange.json({
    in_flight: journal.inFlight,
    max_in_flight: journal.maxInFlight,
    ...journal.totals,
    loads: machine.loads,
    cpu_us: cpu.user + cpu.system,
    rss: process.memoryUsage.rss(),
  });
};

export const control = { misbehave, stats };
