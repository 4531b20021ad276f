import type { Command, CommandResult } from "../../program/command.ts";
import type { LockedSettings, OwnerSettings } from "../../program/owner-settings.ts";
import type { ProgramApi } from "../../program/program-api.ts";
import type { AgentStatus } from "../../program/status.ts";
import { sampleSettings, sampleStatus } from "./sample-status.ts";

/** A program that is what a test says, and keeps what was asked of it. */
export class ScriptedProgram implements ProgramApi {
  current: AgentStatus = sampleStatus();
  owner: OwnerSettings = sampleSettings();
  locked: LockedSettings = [];
  log: string[] = [];
  /** In the order in which they came. */
  readonly asked: Command[] = [];
  /** What becomes of a command; settings are stored where it says yes. */
  answer: (command: Command) => CommandResult | Promise<CommandResult> = () => ({ ok: true });
  readonly #listeners = new Set<(status: AgentStatus) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  status(): AgentStatus {
    return this.current;
  }

  settings(): { settings: OwnerSettings; locked: LockedSettings } {
    return { settings: this.owner, locked: this.locked };
  }

  async perform(command: Command): Promise<CommandResult> {
    this.asked.push(command);
    const result = await this.answer(command);
    if (result.ok && command.type === "configure") {
      const given = Object.entries(command.settings).filter(([, value]) => value !== undefined);
      this.owner = { ...this.owner, ...Object.fromEntries(given) };
    }
    return result;
  }

  subscribe(changed: (status: AgentStatus) => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  recentLog(): readonly string[] {
    return this.log;
  }

  /** Something has happened. */
  become(change: Partial<AgentStatus>): void {
    this.current = { ...this.current, ...change };
    for (const listener of this.#listeners) listener(this.current);
  }
}
