import type { Command, CommandResult } from "../program/command.ts";
import {
  DEFAULT_OWNER_SETTINGS,
  type LockedSettings,
  type OwnerSettings,
} from "../program/owner-settings.ts";
import type { ProgramApi } from "../program/program-api.ts";
import type { AgentStatus, Job } from "../program/status.ts";
import { Journal } from "./journal.ts";

/** An agent that is online, shares, and has an Ollama with one model. */
export function agentStatusOf(changes: Partial<AgentStatus> = {}): AgentStatus {
  return {
    version: "0.1.0",
    pid: 4711,
    started_at: "2026-11-23T08:00:00.000Z",
    state_dir: "/state",
    name: "workshop",
    coordinator_url: "https://c.example",
    connection: { state: "online", agent_id: "a1", name: "workshop", since: "2026-11-23T08:00:01.000Z" },
    sharing: { state: "sharing" },
    running: 0,
    answered: 12,
    ollama: {
      source: "managed",
      url: "http://127.0.0.1:11434",
      state: "ok",
      version: "0.32.1",
      problem: null,
      update: null,
      previous: null,
      models: [{ name: "tiny:latest", size: 1_000_000, loaded: true }],
    },
    job: null,
    question: null,
    failure: null,
    ...changes,
  };
}

export function jobOf(changes: Partial<Job> = {}): Job {
  return {
    kind: "install",
    subject: "0.32.1",
    step: "looking_up",
    progress: null,
    problem: null,
    ...changes,
  };
}

/** A program that does nothing but say what a test wants it to say, and keep what it was asked. */
export class FakeProgram implements ProgramApi {
  readonly asked = new Journal<Command>();
  /** What happens to a command; by default it is done. */
  answer: (command: Command) => CommandResult | Promise<CommandResult> = () => ({ ok: true });
  settingsNow: { settings: OwnerSettings; locked: LockedSettings } = {
    settings: DEFAULT_OWNER_SETTINGS,
    locked: ["coordinator_url"],
  };
  log: string[] = ["first line", "second line"];
  readonly #watchers = new Set<(status: AgentStatus) => void>();
  #status: AgentStatus;

  constructor(status: Partial<AgentStatus> = {}) {
    this.#status = agentStatusOf(status);
  }

  /** How many look at it now. */
  get watchers(): number {
    return this.#watchers.size;
  }

  change(changes: Partial<AgentStatus>): void {
    this.#status = { ...this.#status, ...changes };
    for (const watcher of [...this.#watchers]) watcher(this.#status);
  }

  status(): AgentStatus {
    return this.#status;
  }

  settings(): { settings: OwnerSettings; locked: LockedSettings } {
    return this.settingsNow;
  }

  async perform(command: Command): Promise<CommandResult> {
    this.asked.push(command);
    return this.answer(command);
  }

  subscribe(changed: (status: AgentStatus) => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  recentLog(): readonly string[] {
    return this.log;
  }
}
