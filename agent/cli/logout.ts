import { IdentityFile } from "../core/identity/identity-file.ts";
import { complain, complaining } from "./complain.ts";
import { EXIT } from "./exit-codes.ts";
import { runningControl } from "./open-control.ts";
import type { Settings } from "./settings.ts";

/** Forgets who this agent is; the coordinator keeps its entry until someone removes it there. */
export function logout(settings: Settings): Promise<number> {
  return complaining(async () => {
    const control = await runningControl(settings);
    if (control === undefined) {
      const file = new IdentityFile(settings.stateDir);
      const was = await file.delete();
      process.stdout.write(was ? `logged out: ${file.path} is deleted\n` : "not registered\n");
      return EXIT.ok;
    }
    try {
      const result = await control.perform({ type: "logout" });
      if (!result.ok) return complain(result.error);
      process.stdout.write("logged out\n");
      return EXIT.ok;
    } finally {
      await control.close();
    }
  });
}
