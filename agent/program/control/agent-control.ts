import type { Command, CommandResult } from "../command.ts";
import type { LockedSettings, OwnerSettings } from "../owner-settings.ts";
import type { AgentStatus } from "../status.ts";

/** A running agent as the command line sees it: in another process over the control socket, or in its own. */
export interface AgentControl {
  /** @throws ControlError, as all of these do when the agent is gone */
  status(): Promise<AgentStatus>;
  settings(): Promise<{ settings: OwnerSettings; locked: LockedSettings }>;
  /** Resolves once it has started; a job goes on. */
  perform(command: Command): Promise<CommandResult>;
  /** The newest lines of the log, oldest first. */
  recentLog(): Promise<readonly string[]>;
  /** Calls `changed` with the status now and after each change; `lost` at most once, when no more will come. Ended by the function returned. */
  watch(changed: (status: AgentStatus) => void, lost: (error: Error) => void): () => void;
  /** Waits until everything of it is closed. */
  close(): Promise<void>;
}
