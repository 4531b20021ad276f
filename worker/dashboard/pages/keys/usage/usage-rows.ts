import type { Figures, StatsView } from "../../../../../shared/api/stats.ts";

export const DIMENSIONS = ["key", "model", "machine", "day"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface UsageRow {
  /** Unlike every other of its list. */
  key: string;
  /** Of a key or a machine that is known. */
  id: string | null;
  name: string | null;
  requests: number;
  errors: number;
  promptTokens: number;
  completionTokens: number;
  tokens: number;
}

/** One list of the statistics; days newest first, the rest as it comes: most used first. */
export function usageRows(stats: StatsView, by: Dimension): UsageRow[] {
  switch (by) {
    case "key":
      return stats.by_key.map((one) => row(one, one.id, one.name));
    case "machine":
      return stats.by_agent.map((one) => row(one, one.id, one.name));
    case "model":
      return stats.by_model.map((one) => row(one, null, one.model, one.model));
    case "day":
      return stats.by_day.map((one) => row(one, null, one.day, one.day)).reverse();
  }
}

function row(figures: Figures, id: string | null, name: string | null, key = id): UsageRow {
  const { requests, errors, prompt_tokens, completion_tokens } = figures;
  return {
    key: key ?? "",
    id,
    name,
    requests,
    errors,
    promptTokens: prompt_tokens,
    completionTokens: completion_tokens,
    tokens: prompt_tokens + completion_tokens,
  };
}

/** Widths of a row's two parts in percent of the longest row's. */
export function barParts(row: UsageRow, most: number): { prompt: number; completion: number } {
  const part = (tokens: number): number => (most <= 0 ? 0 : (tokens / most) * 100);
  return { prompt: part(row.promptTokens), completion: part(row.completionTokens) };
}
