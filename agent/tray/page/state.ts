import type { CommandResult } from "../../program/command.ts";
import type { AgentBridge } from "../bridge.ts";
import type { Tab, WindowModel } from "../window-model.ts";

/** A question that is asked before something is done. */
export interface Confirmation {
  text: string;
  yes: string;
  run(): void;
}

/** How long a button says that it has copied. */
const COPIED_MS = 2_000;

/** What the page knows beside the model: where its user is, and what they have begun. */
export class PageState {
  readonly agent: AgentBridge;
  model: WindowModel;
  tab: Tab = "connection";
  confirmation: Confirmation | null = null;
  /** Whatever was copied last, for a moment. */
  copied: string | null = null;
  /** Text that is being typed, by field. */
  readonly #drafts = new Map<string, string>();
  /** Values that were chosen and are not confirmed yet, by field. */
  readonly #chosen = new Map<string, unknown>();
  readonly #problems = new Map<string, string>();
  readonly #busy = new Set<string>();
  #copiedTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #render: (state: PageState) => void;

  constructor(agent: AgentBridge, model: WindowModel, render: (state: PageState) => void) {
    this.agent = agent;
    this.model = model;
    this.#render = render;
  }

  render(): void {
    this.#render(this);
  }

  draft(id: string): string | undefined {
    return this.#drafts.get(id);
  }

  type(id: string, text: string): void {
    this.#drafts.set(id, text);
    this.#problems.delete(id);
    this.render();
  }

  dropDraft(id: string): void {
    if (this.#drafts.delete(id)) this.render();
  }

  /** What a control shows: what was chosen last, else what the model says. */
  chosen<T>(id: string, otherwise: T): T {
    // Only `choose` puts something there, with the same id and therefore the same type.
    return this.#chosen.has(id) ? (this.#chosen.get(id) as T) : otherwise;
  }

  problem(id: string): string | null {
    return this.#problems.get(id) ?? null;
  }

  refuse(id: string, problem: string): void {
    this.#problems.set(id, problem);
    this.render();
  }

  isBusy(id: string): boolean {
    return this.#busy.has(id);
  }

  async copy(text: string): Promise<void> {
    if (!(await this.ask("copy", () => this.agent.copy(text)))) return;
    this.copied = text;
    this.render();
    clearTimeout(this.#copiedTimer);
    this.#copiedTimer = setTimeout(() => {
      this.copied = null;
      this.render();
    }, COPIED_MS);
  }

  confirm(question: Confirmation | null): void {
    this.confirmation = question;
    this.render();
  }

  show(tab: Tab): void {
    this.tab = tab;
    this.render();
  }

  /** Asks for something; what went wrong is shown at `id`. True when it was done. */
  async ask(id: string, work: () => Promise<CommandResult>): Promise<boolean> {
    this.#problems.delete(id);
    this.#busy.add(id);
    this.render();
    let result: CommandResult;
    try {
      result = await work();
    } catch (error) {
      result = { ok: false, error: error instanceof Error ? error.message : String(error) };
    }
    this.#busy.delete(id);
    if (!result.ok) this.#problems.set(id, result.error);
    this.render();
    return result.ok;
  }

  /** As `ask`, and shows the chosen value meanwhile: a switch moves at once and goes back where it was refused. */
  async choose(id: string, value: unknown, work: () => Promise<CommandResult>): Promise<void> {
    this.#chosen.set(id, value);
    await this.ask(id, work);
    if (this.#chosen.get(id) === value) this.#chosen.delete(id);
    this.render();
  }
}
