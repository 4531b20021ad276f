import type { AgentState } from "../../../shared/protocol/messages.ts";
import type { Clock } from "../clock.ts";
import { textOf } from "../network-error.ts";
import { type OllamaClient, OllamaError } from "./ollama-client.ts";

export const POLL = {
  /** While requests run, and while Ollama is away: it is missed. */
  busy_ms: 2_000,
  idle_ms: 10_000,
  version_ms: 2_000,
  /** Version questions in a row that must stay unanswered before Ollama counts as hung. */
  silent_times: 2,
} as const;

export interface OllamaWatchOptions {
  client: Pick<OllamaClient, "version" | "models" | "loaded">;
  clock: Clock;
  report(changes: AgentState): void;
}

/** Looks at Ollama again and again, beside the traffic, and reports what it finds. */
export class OllamaWatch {
  readonly #options: OllamaWatchOptions;
  #busy = false;
  #well = false;
  #silent = 0;
  #errorTold = false;
  #stopped = false;
  #polling: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  /** When the next look is due, so that a busier rhythm can bring it forward. */
  #dueAt = 0;

  constructor(options: OllamaWatchOptions) {
    this.#options = options;
  }

  /** The first look; resolves when it is done. */
  start(): Promise<void> {
    return this.refresh();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  setBusy(busy: boolean): void {
    if (busy === this.#busy) return;
    this.#busy = busy;
    if (busy && this.#polling === undefined) this.#schedule();
  }

  /** Looks at once; something seems wrong. */
  poke(): void {
    if (this.#polling === undefined) void this.#poll();
  }

  /** Resolves after a look that began after this call: one under way may have missed what changed. */
  async refresh(): Promise<void> {
    if (this.#polling !== undefined) await this.#polling;
    // Of several that waited for the same look, the first begins the next one and the others share it.
    await (this.#polling ?? this.#poll());
  }

  #poll(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#polling = this.#look().finally(() => {
      this.#polling = undefined;
      this.#dueAt = 0;
      this.#schedule();
    });
    return this.#polling;
  }

  #schedule(): void {
    if (this.#stopped) return;
    const { clock } = this.#options;
    const inMs = this.#busy || !this.#well || this.#silent > 0 ? POLL.busy_ms : POLL.idle_ms;
    const at = clock.now() + inMs;
    if (this.#cancel !== undefined && this.#dueAt <= at) return;
    this.#cancel?.();
    this.#dueAt = at;
    this.#cancel = clock.after(inMs, () => void this.#poll());
  }

  async #look(): Promise<void> {
    const changes = await this.#ask();
    if (changes !== undefined && !this.#stopped) this.#options.report(changes);
  }

  async #ask(): Promise<AgentState | undefined> {
    const { client } = this.#options;
    try {
      const version = await client.version(POLL.version_ms);
      this.#silent = 0;
      const [models, loaded] = await Promise.all([client.models(), client.loaded()]);
      this.#well = true;
      return { ollama: "ok", ollama_version: version, models, loaded, ...this.#noError() };
    } catch (error) {
      return this.#failed(error instanceof OllamaError ? error : new OllamaError(textOf(error), false));
    }
  }

  /** A field that is absent says nothing new: an error that was told is taken back with an empty one. */
  #noError(): AgentState {
    return this.#errorTold ? { ollama_error: "" } : {};
  }

  #failed(error: OllamaError): AgentState | undefined {
    this.#silent = error.silent ? this.#silent + 1 : 0;
    // Once is no proof: a machine that loads a large model answers late, too.
    if (error.silent && this.#silent < POLL.silent_times) return undefined;
    this.#well = false;
    this.#errorTold = true;
    return {
      ollama: error.silent ? "hung" : "absent",
      ollama_error: error.message.slice(0, 500),
      loaded: [],
    };
  }
}
