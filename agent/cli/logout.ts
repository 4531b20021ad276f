import { IdentityError, IdentityFile } from "../core/identity/identity-file.ts";
import { EXIT } from "./exit-codes.ts";
import type { Settings } from "./settings.ts";

/** Forgets who this agent is; the coordinator keeps its entry until someone removes it there. */
export async function logout(settings: Settings): Promise<number> {
  const file = new IdentityFile(settings.stateDir);
  try {
    const was = await file.delete();
    process.stdout.write(was ? `logged out: ${file.path} is deleted\n` : "not registered\n");
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error;
    process.stderr.write(`agent: ${error.message}\n`);
    return EXIT.fatal;
  }
}
