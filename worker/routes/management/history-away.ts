import { BadCursor } from "../../db/history.ts";
import type { AppContext } from "../../host.ts";
import { BAD_CURSOR } from "./page.ts";
import { type FailureAnswer, fail } from "./problem.ts";

export function logAway(error: unknown): void {
  console.error(JSON.stringify({ level: "error", message: "history unavailable", error: String(error) }));
}

/** What the history could not answer: the asker's fault, or the database is away. */
export function historyFailed(c: AppContext, error: unknown): FailureAnswer {
  if (error instanceof BadCursor) return fail(c, BAD_CURSOR);
  logAway(error);
  return fail(c, {
    status: 503,
    code: "history_unavailable",
    message: "the history database does not answer; requests are served all the same",
  });
}
