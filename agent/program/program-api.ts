import type { Command, CommandResult } from "./command.ts";
import type { LockedSettings, OwnerSettings } from "./owner-settings.ts";
import type { AgentStatus } from "./status.ts";

/** A running agent as its faces see it: the local socket, and the tray in the same process. */
export interface ProgramApi {
  status(): AgentStatus;
  settings(): { settings: OwnerSettings; locked: LockedSettings };
  /** Starts what was asked for; a job goes on after the answer. Never rejects. */
  perform(command: Command): Promise<CommandResult>;
  /** Called after each change, at most a few times a second; the function returned ends it. */
  subscribe(changed: (status: AgentStatus) => void): () => void;
  /** The newest lines of the log, oldest first. */
  recentLog(): readonly string[];
}
