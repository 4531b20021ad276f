import { compareVersions } from "../../../shared/lib/ollama-version.ts";
import type { Clock } from "../../core/clock.ts";

const HOUR_MS = 3_600_000;
/** GitHub lets an address ask sixty times an hour; a release comes twice a week. */
export const LOOK_EVERY_MS = 24 * HOUR_MS;
const FIRST_LOOK_MS = 60_000;
export const IDLE_CHECK_MS = 60_000;
/** Looks in a row that must find nothing running before an update begins by itself. */
const IDLE_TIMES = 5;

export interface UpdateWatchOptions {
  clock: Clock;
  /** Of the managed Ollama; undefined: there is nothing to update. */
  current(): string | undefined;
  newest(signal: AbortSignal): Promise<string>;
  /** The owner lets updates happen while nothing runs. */
  automatic(): boolean;
  idle(): boolean;
  update(version: string): void;
  changed(): void;
  failed(error: unknown): void;
}

/** Knows whether there is a newer release, and begins an update in a quiet moment where that is wanted. */
export class UpdateWatch {
  readonly #options: UpdateWatchOptions;
  readonly #stop = new AbortController();
  #newest: string | undefined;
  /** It was tried and went wrong: only a person may try it again. */
  #bad: string | undefined;
  /** Begun by itself since the last look: a download that fails at its end must not be begun again every few minutes. */
  #begun: string | undefined;
  #quiet = 0;
  #cancelLook: () => void = () => {};
  #cancelIdle: () => void = () => {};

  constructor(options: UpdateWatchOptions) {
    this.#options = options;
  }

  /** A newer release than the current one. */
  get available(): string | undefined {
    const current = this.#options.current();
    if (current === undefined || this.#newest === undefined) return undefined;
    return compareVersions(this.#newest, current) > 0 ? this.#newest : undefined;
  }

  start(): void {
    this.#cancelLook = this.#options.clock.after(FIRST_LOOK_MS, () => void this.#look());
    this.#cancelIdle = this.#options.clock.after(IDLE_CHECK_MS, () => this.#checkIdle());
  }

  stop(): void {
    this.#stop.abort();
    this.#cancelLook();
    this.#cancelIdle();
  }

  /** Somebody has looked it up anyway. */
  learnt(newest: string): void {
    this.#newest = newest;
  }

  wentWrong(version: string): void {
    this.#bad = version;
  }

  async #look(): Promise<void> {
    const { clock, current, newest, changed, failed } = this.#options;
    if (current() !== undefined) {
      try {
        this.#newest = await newest(this.#stop.signal);
        this.#begun = undefined;
        changed();
      } catch (error) {
        if (!this.#stop.signal.aborted) failed(error);
      }
    }
    if (!this.#stop.signal.aborted) this.#cancelLook = clock.after(LOOK_EVERY_MS, () => void this.#look());
  }

  #checkIdle(): void {
    const { clock, automatic, idle, update } = this.#options;
    const version = this.available;
    const isTried = version === this.#bad || version === this.#begun;
    const wanted = version !== undefined && !isTried && automatic();
    this.#quiet = wanted && idle() ? this.#quiet + 1 : 0;
    if (wanted && this.#quiet >= IDLE_TIMES) {
      this.#quiet = 0;
      this.#begun = version;
      update(version);
    }
    this.#cancelIdle = clock.after(IDLE_CHECK_MS, () => this.#checkIdle());
  }
}
