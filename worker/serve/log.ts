import { type Logger, pino } from "pino";
import pretty from "pino-pretty";
import type { Log } from "../coordinator/deps.ts";

/** Lines for a person on a terminal, JSON lines for a program; on standard error, which the printed block is not. */
export function openLog(level: string): Logger {
  const base = { level, base: null };
  return process.stderr.isTTY
    ? pino(base, pretty({ sync: true, colorize: true, translateTime: "SYS:HH:MM:ss", destination: 2 }))
    : pino(base, pino.destination({ dest: 2, sync: true }));
}

/** The brain's log. */
export function brainLog(logger: Logger): Log {
  return {
    info: (message, detail) => logger.info(detail ?? {}, message),
    warn: (message, detail) => logger.warn(detail ?? {}, message),
    error: (message, detail) => logger.error(detail ?? {}, message),
  };
}
