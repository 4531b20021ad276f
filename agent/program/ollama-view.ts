import type { AgentState } from "../../shared/protocol/messages.ts";
import type { Clock } from "../core/clock.ts";
import { OllamaTarget } from "../core/forwarder/ollama-target.ts";
import { OllamaClient } from "../core/telemetry/ollama-client.ts";
import { OllamaWatch } from "../core/telemetry/ollama-watch.ts";

export interface OllamaViewOptions {
  clock: Clock;
  url: string;
  /** Something was seen. */
  seen(state: AgentState): void;
}

/** Looks at Ollama while no agent does: before there is a coordinator, and after one has turned this machine away. */
export class OllamaView {
  readonly #target: OllamaTarget;
  readonly #watch: OllamaWatch;
  #state: AgentState = {};

  constructor({ clock, url, seen }: OllamaViewOptions) {
    this.#target = new OllamaTarget(url);
    this.#watch = new OllamaWatch({
      client: new OllamaClient(this.#target, clock),
      clock,
      report: (changes) => {
        this.#state = { ...this.#state, ...changes };
        seen(this.#state);
      },
    });
    void this.#watch.start();
  }

  get seen(): Readonly<AgentState> {
    return this.#state;
  }

  moveOllama(url: string): void {
    this.#target.moveTo(url);
    this.lookAtOllama();
  }

  lookAtOllama(): void {
    void this.#watch.refresh();
  }

  stop(): void {
    this.#watch.stop();
    this.#target.close();
  }
}
