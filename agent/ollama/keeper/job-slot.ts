import { textOf } from "../../core/network-error.ts";
import type { InstallStep } from "../install-observer.ts";
import type { Progress } from "../progress.ts";

export type JobKind = "install" | "update" | "rollback" | "uninstall" | "restart" | "pull";
export type JobStep = InstallStep | "draining" | "starting" | "waiting";

export interface JobState {
  kind: JobKind;
  /** The version or the model. */
  subject: string;
  step: JobStep;
  progress: Progress | null;
  problem: string | null;
}

export interface Failure {
  kind: JobKind;
  message: string;
}

/** What a job is given to report itself and to know when to end. */
export interface JobRun {
  readonly signal: AbortSignal;
  report(changes: Partial<JobState>): void;
}

/** One job at a time: its state while it runs, and how the last one failed. */
export class JobSlot {
  readonly #changed: () => void;
  readonly #failed: (failure: Failure) => void;
  #state: JobState | undefined;
  #failure: Failure | undefined;
  #abort = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(changed: () => void, failed: (failure: Failure) => void) {
    this.#changed = changed;
    this.#failed = failed;
  }

  get state(): JobState | undefined {
    return this.#state;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Resolves when the job that runs now is over. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** One line why it cannot begin, or undefined when it has. What the job throws becomes its failure, unless it was cancelled. */
  begin(kind: JobKind, subject: string, work: (run: JobRun) => Promise<void>): string | undefined {
    if (this.#state !== undefined) {
      return `${this.#state.kind} of ${this.#state.subject} is under way: wait for it or cancel it`;
    }
    const abort = new AbortController();
    this.#abort = abort;
    this.#state = { kind, subject, step: "waiting", progress: null, problem: null };
    this.#failure = undefined;
    this.#changed();
    const report = (changes: Partial<JobState>): void => {
      // What a job still says after its end is not about the next one.
      if (this.#state === undefined || this.#abort !== abort) return;
      this.#state = { ...this.#state, ...changes };
      this.#changed();
    };
    this.#ended = work({ signal: abort.signal, report })
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        this.#failure = { kind, message: textOf(error) };
        this.#failed(this.#failure);
      })
      .finally(() => {
        this.#state = undefined;
        this.#changed();
      });
    return undefined;
  }

  cancel(): boolean {
    if (this.#state === undefined) return false;
    this.#abort.abort(new Error("cancelled"));
    return true;
  }
}
