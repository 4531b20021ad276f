/** `fatal`: it did not work. `needsPerson`: nor will it, until a person does what the line says. */
export const EXIT = { ok: 0, fatal: 1, usage: 2, needsPerson: 3, aborted: 130 } as const;

/** After these starting again is of no use. */
export const NO_RESTART: readonly number[] = [EXIT.usage, EXIT.needsPerson];

/** Set by a service manager that starts again whatever fails and cannot be told which codes to leave alone (launchd). */
export const RESTARTED_ON_FAILURE = "AGENT_RESTARTED_ON_FAILURE";

/** The code to end with: there, what a restart cannot cure counts as an end in order. */
export function exitCodeFor(code: number, env: Readonly<Record<string, string | undefined>>): number {
  return env[RESTARTED_ON_FAILURE] === "1" && NO_RESTART.includes(code) ? EXIT.ok : code;
}
