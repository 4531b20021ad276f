import { renameSync, writeFileSync } from "node:fs";

/**
 * Loaded before a program (`NODE_OPTIONS=--import=…`): on SIGUSR2 it collects its garbage and writes what it still holds
 * to the file SOAK_PROBE followed by its process id. The product knows nothing of it.
 */
export interface Held {
  heap: number;
  /** Outside the heap: buffers. */
  external: number;
  /** Timers, sockets, handles that are open, by their kind. */
  resources: Record<string, number>;
}

function held(): Held {
  const { heapUsed, external } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return { heap: heapUsed, external, resources };
}

process.on("SIGUSR2", () => {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("the probe needs NODE_OPTIONS=--expose-gc");
  // Twice, and a turn between: what finalizers let go is garbage only then.
  void gc();
  setImmediate(() => {
    void gc();
    const file = `${process.env.SOAK_PROBE}.${process.pid}`;
    writeFileSync(`${file}.new`, JSON.stringify(held()));
    renameSync(`${file}.new`, file);
  });
});
