import type { Deps } from "./deps.ts";

const DAY_MS = 86_400_000;
/**
 * Rows in one statement, and steps in one run: never one huge delete. A step is a statement for each of two tables, and the
 * free plan allows 50 in one run.
 */
const STEP = { rows: 500, steps: 20 };

/** Deletes history that is older than the retention; what is left over waits for the next run. */
export async function prune(
  deps: Pick<Deps, "clock" | "history" | "log">,
  retentionDays: number,
): Promise<void> {
  const before = new Date(deps.clock.now() - retentionDays * DAY_MS).toISOString();
  try {
    for (let step = 0; step < STEP.steps; step++) {
      if ((await deps.history.prune(before, STEP.rows)) < STEP.rows) return;
    }
  } catch (error) {
    deps.log.warn("history could not be pruned; tried again later", { error: String(error) });
  }
}
