import type { SqlStatement } from "./storage.ts";

/** What a series shows of machines, and the column that has it. */
export const SAMPLE_METRICS: Record<string, string> = {
  cpu_usage: "cpu_usage",
  memory_usage: "memory_usage",
  gpu_usage: "gpu_usage",
  active_requests: "active_requests",
};

/** One machine after the other, by a seek each. A CTE of ids. */
export const SAMPLED_AGENTS = `agents (id) AS (
  SELECT min(agent_id) FROM samples
  UNION ALL SELECT (SELECT min(agent_id) FROM samples WHERE agent_id > id) FROM agents WHERE id IS NOT NULL)`;

/**
 * Means over each step of what was sampled in it, of one machine or of all. Rows: number of the step, and a mean for each metric.
 * @param metrics keys of `SAMPLE_METRICS`
 */
export function readSampleMeans(
  metrics: readonly string[],
  from: number,
  stepMs: number,
  agentId: string | undefined,
): SqlStatement {
  const means = metrics.map((metric) => `avg(s.${SAMPLE_METRICS[metric] ?? "NULL"})`).join(", ");
  // Both hosts bind every number as a REAL.
  const step = "CAST((s.at - ?1) / ?2 AS INTEGER)";
  if (agentId !== undefined) {
    return {
      query: `SELECT ${step}, ${means} FROM samples s WHERE s.agent_id = ?3 AND s.at >= ?1 GROUP BY 1`,
      params: [from, stepMs, agentId],
    };
  }
  return {
    query: `WITH RECURSIVE ${SAMPLED_AGENTS} SELECT ${step}, ${means}
      FROM agents CROSS JOIN samples s ON s.agent_id = agents.id AND s.at >= ?1 GROUP BY 1`,
    params: [from, stepMs],
  };
}
