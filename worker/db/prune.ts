import { ANCHOR_ROWID } from "./rollup/roll-up.ts";
import { DIMENSIONS, PAIRS } from "./rollup/scopes.ts";
import { DAY_MS, KEPT } from "./rollup/spans.ts";
import { SAMPLED_AGENTS } from "./samples.ts";
import type { SqlStatement } from "./storage.ts";

/** Charts of machines go back a week; a day more, so that the week is whole. */
const SAMPLES_MS = 8 * DAY_MS;

const SCOPES = ["all", ...DIMENSIONS, ...PAIRS.map((pair) => pair.join("_"))]
  .map((name) => `'${name}'`)
  .join(", ");

/** Statements that delete what is kept no longer, at most `limit` rows each; each returns a row for one that went. */
export function pruning(now: number, retentionDays: number, limit: number): SqlStatement[] {
  const before = now - retentionDays * DAY_MS;
  return [
    {
      // Not what is not summed up yet, nor the last that was: see `rollup_state`.
      query: `DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE at < ? AND rowid < ${ANCHOR_ROWID} ORDER BY at LIMIT ?) RETURNING 1`,
      params: [before, limit],
    },
    {
      query:
        "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < ? ORDER BY at LIMIT ?) RETURNING 1",
      params: [before, limit],
    },
    {
      query: `WITH RECURSIVE ${SAMPLED_AGENTS} DELETE FROM samples WHERE (agent_id, at) IN (
        SELECT s.agent_id, s.at FROM agents CROSS JOIN samples s ON s.agent_id = agents.id AND s.at < ? LIMIT ?) RETURNING 1`,
      params: [now - SAMPLES_MS, limit],
    },
    ...KEPT.map(({ size, forMs }) => ({
      query: `DELETE FROM rollups WHERE (size, scope, start, a, b) IN (
        SELECT size, scope, start, a, b FROM rollups WHERE size = ? AND scope IN (${SCOPES}) AND start < ? LIMIT ?) RETURNING 1`,
      params: [size, now - forMs, limit],
    })),
  ];
}
