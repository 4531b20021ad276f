import type { Bindings } from "../bindings.ts";
import type { Clock, Deps, Log } from "../coordinator/deps.ts";
import { SqlHistory } from "../db/history.ts";
import { d1Database } from "../db/storage.ts";
import { SqlStore } from "../db/store.ts";
import { sha256 } from "../edge/sha256.ts";

const clock: Clock = {
  now: () => Date.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, Math.min(ms, 0x7fff_ffff));
    return { cancel: () => clearTimeout(timer) };
  },
};

function write(level: "info" | "warn" | "error", message: string, detail?: Record<string, unknown>): void {
  console[level](JSON.stringify({ level, message, ...detail }));
}

export const consoleLog: Log = {
  info: (message, detail) => write("info", message, detail),
  warn: (message, detail) => write("warn", message, detail),
  error: (message, detail) => write("error", message, detail),
};

/** What the brain needs, from a Durable Object. */
export function objectDeps(state: DurableObjectState, env: Bindings): Deps {
  return {
    clock,
    random: Math.random,
    uuid: () => crypto.randomUUID(),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    sha256,
    // Called bare: the platform refuses it as a method of anything else.
    defer: (task) => queueMicrotask(task),
    store: new SqlStore(state.storage, (message) => consoleLog.warn(message)),
    history: new SqlHistory(d1Database(env.DB)),
    log: consoleLog,
    alarm: (ms) => {
      state.storage.setAlarm(Date.now() + ms).catch((error: unknown) => {
        consoleLog.error("the alarm could not be set: dashboards do not see who falls silent", {
          error: String(error),
        });
      });
    },
  };
}
