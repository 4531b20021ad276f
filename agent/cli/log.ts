import { type Logger, pino } from "pino";

/** Lines for a person on a terminal, JSON lines for a program; on standard output. */
export async function openLog(level: string): Promise<Logger> {
  if (!process.stdout.isTTY) return pino({ level, base: null });
  const { default: pretty } = await import("pino-pretty");
  // In this thread: a logging worker would cost more memory than the agent.
  return pino({ level, base: null }, pretty({ sync: true, colorize: true, translateTime: "SYS:HH:MM:ss" }));
}
