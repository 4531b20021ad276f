import type { Deps } from "./deps.ts";

const DAY_MS = 86_400_000;
/** Rows in one statement, and statements in one run: a bounded step, never one huge delete. */
const STEP = { rows: 500, statements: 40 };

/** Deletes history that is older than the retention; what is left over waits for the next run. */
export async function prune(
  deps: Pick<Deps, "clock" | "history" | "log">,
  retentionDays: number,
): Promise<void> {
  const before = new Date(deps.clock.now() - retentionDays * DAY_MS).toISOString();
  try {
    for (let statement = 0; statement < STEP.statements; statement++) {
      if ((await deps.history.prune(before, STEP.rows)) < STEP.rows) return;
    }
  } catch (error) {
    deps.log.warn("history could not be pruned; tried again later", { error: String(error) });
  }
}
