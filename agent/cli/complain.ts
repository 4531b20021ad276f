import { IdentityError } from "../core/identity/identity-file.ts";
import { ControlError } from "../program/control/control-error.ts";
import { SettingsError } from "../program/settings-file.ts";
import { EXIT } from "./exit-codes.ts";
import { cleanText } from "./view/fit-text.ts";

/** What a command cannot do, in one line for a person. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** One line on standard error; the exit code to end with. */
export function complain(message: string, code: number = EXIT.fatal): number {
  // A coordinator's or an Ollama's words may be in it.
  process.stderr.write(`agent: ${cleanText(message)}\n`);
  return code;
}

/** Runs a command; what a person can do something about becomes a line and an exit code. @throws everything else */
export async function complaining(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommandError) return complain(error.message);
    // Another agent that has the state directory may end; then starting again helps.
    if (error instanceof ControlError)
      return complain(error.message, error.kind === "failed" ? EXIT.needsPerson : EXIT.fatal);
    if (error instanceof IdentityError || error instanceof SettingsError) {
      return complain(error.message, EXIT.needsPerson);
    }
    throw error;
  }
}
