import type { Incoming } from "../../../shared/mux/acceptor.ts";
import type { StreamEvents } from "../../../shared/mux/stream.ts";
import type { ResetCode } from "../../../shared/protocol/codes.ts";
import { TIMES } from "../../../shared/protocol/limits.ts";
import type { Clock } from "../clock.ts";
import type { Observe } from "../observer.ts";
import { Exchange, type ForwardTimes } from "./exchange.ts";
import type { OllamaTarget } from "./ollama-target.ts";
import { guardRoute } from "./route-guard.ts";

/** How long the end of an administration request waits for fresh lists. */
const REFRESH_MS = 5_000;

/** What the owner of the machine allows now. */
export interface OwnerRules {
  /** Nothing new, whatever it is. */
  yields: boolean;
  allowManage: boolean;
  /** Whether a model may be used, by the name that a request has. */
  allowsModel(name: string): boolean;
  /** Whether requests may search the web on ollama.com, which the owner's account pays for. */
  allowsSearch: boolean;
}

export interface ForwarderOptions {
  target: OllamaTarget;
  /** Asked for each request: the owner may change his mind while the agent runs. */
  owner(): OwnerRules;
  clock: Clock;
  observe: Observe;
  /** Reads Ollama's lists anew and reports what changed. */
  refresh(): Promise<void>;
  /** Requests at Ollama, each time the number changes. */
  running(count: number): void;
  /** Ollama could not be reached for a request. */
  unreachable(): void;
}

/** Answers requests of the tunnel from the local Ollama. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  #times: ForwardTimes = TIMES;
  #running = 0;
  #answered = 0;
  #stopping = false;

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  /** Requests that were answered whole. */
  get answered(): number {
    return this.#answered;
  }

  setTimes(times: ForwardTimes): void {
    this.#times = times;
  }

  /** From now on requests are refused; those that run go on. */
  stop(): void {
    this.#stopping = true;
  }

  readonly accept = (incoming: Incoming): StreamEvents => {
    const { method, path } = incoming.head;
    const { yields, allowManage, allowsSearch } = this.#options.owner();
    // What crosses with the owner's word goes elsewhere, as that of an agent that ends.
    if (this.#stopping || yields) return this.#refuse(incoming, "stopping");
    const guarded = guardRoute(method, path, allowManage);
    if (!guarded.ok) return this.#refuse(incoming, guarded.code);
    this.#count(1);
    return new Exchange({
      incoming,
      route: guarded.route,
      target: this.#options.target,
      times: this.#times,
      clock: this.#options.clock,
      refresh: this.#refresh,
      allows: (model) => this.#options.owner().allowsModel(model),
      maySearch: allowsSearch,
      done: (failure, answered) => {
        if (answered) this.#answered++;
        this.#count(-1);
        if (failure === undefined) return;
        this.#options.observe({ type: "request_failed", method, path, ...failure });
        if (failure.code === "ollama_unreachable") this.#options.unreachable();
      },
    });
  };

  #count(change: number): void {
    this.#running += change;
    this.#options.running(this.#running);
  }

  #refuse({ head, stream }: Incoming, code: ResetCode): StreamEvents {
    this.#options.observe({ type: "refused", method: head.method, path: head.path, code });
    stream.endWith(code);
    return {
      data: (bytes) => stream.consume(bytes.length),
      end: () => {},
      failed: () => {},
      drain: () => {},
    };
  }

  /** Bounded: a client of an administration request does not wait for an Ollama that fell silent. */
  readonly #refresh = (): Promise<void> =>
    new Promise((resolve) => {
      const cancel = this.#options.clock.after(REFRESH_MS, resolve);
      const settle = (): void => {
        cancel();
        resolve();
      };
      this.#options.refresh().then(settle, settle);
    });
}
