import type { Keeper } from "../ollama/keeper/keeper.ts";
import type { Command, CommandResult } from "./command.ts";
import type { OwnerSettingsChange } from "./owner-settings.ts";

/** What commands act on. */
export interface Performers {
  keeper: Pick<Keeper, "answer" | "install" | "update" | "rollback" | "uninstall" | "pull" | "cancel">;
  /** null: until `resume`. */
  pause(until: Date | null): Promise<void>;
  resume(): Promise<void>;
  /** One line why not, or undefined. */
  pair(): string | undefined;
  logout(): Promise<void>;
  /** @throws with one line that names the setting */
  configure(changes: OwnerSettingsChange): Promise<void>;
}

/** Carries a command out, or says in one line why not. */
export async function perform(command: Command, on: Performers): Promise<CommandResult> {
  try {
    const refused = await carryOut(command, on);
    return refused === undefined ? { ok: true } : { ok: false, error: refused };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

async function carryOut(command: Command, on: Performers): Promise<string | undefined> {
  switch (command.type) {
    case "pause": {
      const until = command.until === null ? null : new Date(command.until);
      if (until !== null && until.getTime() <= Date.now()) return `until: ${command.until} is over already`;
      await on.pause(until);
      return undefined;
    }
    case "resume":
      await on.resume();
      return undefined;
    case "pair":
      return on.pair();
    case "answer":
      return on.keeper.answer(command.yes, command.to);
    case "install":
      return on.keeper.install(command.version);
    case "update":
      return on.keeper.update(command.version);
    case "rollback":
      return on.keeper.rollback();
    case "uninstall":
      return on.keeper.uninstall();
    case "pull":
      return on.keeper.pull(command.model);
    case "cancel":
      return on.keeper.cancel();
    case "logout":
      await on.logout();
      return undefined;
    case "configure":
      await on.configure(command.settings);
      return undefined;
  }
}
