import type { Candidate } from "./aliases.ts";
import type { Decision } from "./scheduling/dispatcher.ts";
import type { Want } from "./scheduling/want.ts";

export interface Acquired {
  /** Undefined when the client left. */
  decision: Decision | undefined;
  /** What it is about. */
  want: Want;
  candidate: Candidate;
}

/**
 * A place for the first model that any machine has now. A model whose machines are only busy, or about to come back, is waited
 * for: it is what was asked for. When nobody has any of them, what is said is about the first.
 */
export async function acquireAny(
  acquire: (want: Want) => Promise<Decision | undefined>,
  wanted: Omit<Want, "model">,
  [first, ...fallbacks]: readonly [Candidate, ...Candidate[]],
): Promise<Acquired> {
  const ask = async (candidate: Candidate): Promise<Acquired> => {
    const want = { ...wanted, model: candidate.model };
    return { decision: await acquire(want), want, candidate };
  };
  const meant = await ask(first);
  let acquired = meant;
  for (const fallback of fallbacks) {
    if (!lacksModel(acquired.decision)) break;
    acquired = await ask(fallback);
  }
  return lacksModel(acquired.decision) ? meant : acquired;
}

function lacksModel(decision: Decision | undefined): boolean {
  if (decision?.kind !== "refused") return false;
  return decision.refusal.code === "model_not_found" || decision.refusal.code === "model_offline";
}
