/** What is looked at, in this order: each needs those of its way before it. */
export const STEPS = [
  "settings",
  "dns",
  "tcp",
  "proxy",
  "tls",
  "coordinator",
  "clock",
  "upgrade",
  "token",
  "identity",
  "ollama",
  "managed_ollama",
  "disk",
  "gpu",
] as const;
export type Step = (typeof STEPS)[number];

/** `skipped`: there is nothing to look at, or a step before it is broken; `found` says which. */
export type Verdict = "ok" | "warning" | "broken" | "skipped";

/** One step of the way as it was found; each text is one line for a person and free of secrets. */
export interface Finding {
  step: Step;
  verdict: Verdict;
  found: string;
  /** What to do about it. */
  advice?: string;
}

/** A finding before it is known of which step it is. */
export type Result = Omit<Finding, "step">;

export const ok = (found: string): Result => ({ verdict: "ok", found });
export const skipped = (found: string): Result => ({ verdict: "skipped", found });
export const warning = (found: string, advice: string): Result => ({ verdict: "warning", found, advice });
export const broken = (found: string, advice: string): Result => ({ verdict: "broken", found, advice });

/** Nothing of it keeps an agent from working. */
export function isWell(findings: readonly Finding[]): boolean {
  return findings.every(({ verdict }) => verdict !== "broken");
}
