import { textOf } from "../../core/network-error.ts";
import type { Consent } from "./consent.ts";

export type KeeperQuestion =
  | { kind: "install"; version: string; download_bytes: number | null; directory: string }
  | { kind: "start"; version: string; binary: string }
  | { kind: "pull"; model: string; download_bytes: number };

export interface QuestionsOptions {
  consent: Pick<Consent, "get" | "set">;
  /** Begins what was agreed to; one line why not, or undefined. */
  accept(question: KeeperQuestion): string | undefined;
  changed(): void;
  tell(level: "info" | "warn", text: string): void;
}

/** What the owner is asked, one question at a time, and what he has answered before. */
export class Questions {
  readonly #options: QuestionsOptions;
  #open: KeeperQuestion | undefined;

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  /** The one that waits for its answer. */
  get open(): KeeperQuestion | undefined {
    return this.#open;
  }

  /** He has said no, and nothing answers in his place. */
  isSettled(kind: KeeperQuestion["kind"], { unattended }: { unattended: boolean }): boolean {
    return this.#options.consent.get(kind) === false && !unattended;
  }

  /** Asks, or takes the answer that is known: to run what is installed was a lasting yes; to download is asked each time. */
  put(question: KeeperQuestion, { unattended }: { unattended: boolean }): void {
    const { accept, changed, consent, tell } = this.#options;
    const lasting = question.kind === "start" && consent.get("start") === true;
    if (unattended || lasting) {
      // What is not asked because of `--yes` is not remembered either: it holds for this run.
      const refused = accept(question);
      if (refused !== undefined) tell("warn", refused);
      return;
    }
    this.#open = question;
    changed();
  }

  /**
   * One line why not, or undefined.
   * @param to what was asked, where the answer may come late: a yes to one question is none to the next
   */
  answer(yes: boolean, to?: KeeperQuestion["kind"]): string | undefined {
    const question = this.#open;
    if (question === undefined) return "no question is open";
    if (to !== undefined && to !== question.kind) return "that question is no longer open";
    this.#open = undefined;
    const refused = yes ? this.#options.accept(question) : undefined;
    if (refused === undefined) void this.remember(question.kind, yes);
    else this.#open = question;
    this.#options.changed();
    return refused;
  }

  /** It is of no use any more; with `but`, unless it is that one. */
  drop(but?: KeeperQuestion["kind"]): void {
    if (but === undefined || this.#open?.kind !== but) this.#open = undefined;
  }

  async remember(kind: KeeperQuestion["kind"], yes: boolean): Promise<void> {
    try {
      await this.#options.consent.set(kind, yes);
    } catch (error) {
      this.#options.tell("warn", `cannot keep the answer: ${textOf(error)}`);
    }
  }
}
