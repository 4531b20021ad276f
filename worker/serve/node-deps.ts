import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Clock, Deps, History, Log } from "../coordinator/deps.ts";
import type { Store } from "../coordinator/store.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, task) => {
    // Node clamps longer timers to 1 ms.
    const timer = setTimeout(task, Math.min(ms, 0x7fff_ffff));
    return { cancel: () => clearTimeout(timer) };
  },
};

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What the brain needs, from Node. */
export function nodeDeps(parts: { store: Store; history: History; log: Log }): Deps {
  return {
    ...parts,
    clock: systemClock,
    random: Math.random,
    uuid: randomUUID,
    randomBytes: (length) => randomBytes(length),
    sha256: async (text) => sha256(text),
    // After the poll phase: what all sockets delivered in this turn leaves in one message.
    defer: (task) => {
      setImmediate(task);
    },
  };
}
