/** How far a pull is, from the lines that Ollama answers. */
export interface PullProgress {
  /** In Ollama's words. */
  status: string;
  /** Bytes of all layers that it has spoken of. */
  completed: number;
  total: number;
  /** Ollama has said that it is done. */
  done: boolean;
  /** What went wrong, in Ollama's words; the status of such an answer is 200 all the same. */
  error: string | undefined;
  layers: Readonly<Record<string, { completed: number; total: number }>>;
}

export const BEGUN: PullProgress = {
  status: "",
  completed: 0,
  total: 0,
  done: false,
  error: undefined,
  layers: {},
};

/** After one more line; what is no progress changes nothing. */
export function withLine(before: PullProgress, line: unknown): PullProgress {
  if (typeof line !== "object" || line === null) return before;
  const { status, digest, total, completed, error }: Record<string, unknown> = { ...line };
  if (typeof error === "string") return { ...before, error };
  if (typeof status !== "string") return before;
  const said = { ...before, status, done: status === "success" };
  if (typeof digest !== "string" || typeof total !== "number") return said;
  const here = typeof completed === "number" ? completed : 0;
  const layers = { ...before.layers, [digest]: { total, completed: Math.min(total, here) } };
  const sums = Object.values(layers);
  return {
    ...said,
    layers,
    total: sums.reduce((sum, layer) => sum + layer.total, 0),
    completed: sums.reduce((sum, layer) => sum + layer.completed, 0),
  };
}

/** 0 to 1; null where nobody knows. */
export function shareOf({
  completed,
  total,
}: {
  completed: number | null;
  total: number | null;
}): number | null {
  return total === null || total === 0 ? null : Math.min(1, (completed ?? 0) / total);
}
