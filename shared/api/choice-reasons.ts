/** Why a machine was chosen for a request; `docs/scheduling.md` explains the rules. */
export const CHOICE_REASONS = [
  "only-holder",
  "pinned",
  "sticky",
  "loaded",
  "not-strained",
  "least-loaded",
  "fastest",
  "round-robin",
  "free-slot",
  "weighted",
] as const;
export type ChoiceReason = (typeof CHOICE_REASONS)[number];
