import { Acceptor, type Incoming } from "../../../shared/mux/acceptor.ts";
import type { StreamEvents } from "../../../shared/mux/stream.ts";
import { CLOSE_CODES } from "../../../shared/protocol/codes.ts";
import type { AgentState, Hello, Welcome } from "../../../shared/protocol/messages.ts";
import type { Clock } from "../clock.ts";
import { tunnelUrl } from "../coordinator-url.ts";
import type { Observe } from "../observer.ts";
import type { ProxyRoute } from "../proxy.ts";
import { BACKOFF, backoffDelay } from "./backoff.ts";
import { Session } from "./session.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

export interface ConnectionOptions {
  coordinatorUrl: string;
  token: string;
  heartbeatMs: number | undefined;
  /** Everything of HELLO but the streams. */
  hello(ipAddress: string | undefined): Omit<Hello, "streams">;
  accept(incoming: Incoming): StreamEvents;
  welcomed(welcome: Welcome): void;
  /** Frames may be sent from now on. */
  attached(): void;
}

export interface ConnectionDeps {
  clock: Clock;
  random(): number;
  proxy: ProxyRoute;
  observe: Observe;
}

export type ConnectionOutcome = { type: "stopped" } | Exclude<Verdict, { type: "retry" }>;

/**
 * Keeps the tunnel open until it is stopped or told to give up: dials, waits, dials again. Streams outlive a lost socket for
 * the resume window, because the acceptor that has them is the same for all sockets.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #deps: ConnectionDeps;
  readonly #acceptor: Acceptor;
  #session: Session | undefined;
  #stopped = false;
  /** Ends a wait between two attempts. */
  #wake: () => void = () => {};
  #resumeWindowMs = 0;
  #cancelExpiry: (() => void) | undefined;
  readonly #idle = new Set<() => void>();

  constructor(options: ConnectionOptions, deps: ConnectionDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#acceptor = new Acceptor({
      defer: (task) => {
        setImmediate(task);
      },
      accept: options.accept,
    });
  }

  /** Streams that are not over, with those whose end the coordinator has not confirmed. */
  get streams(): number {
    return this.#acceptor.size;
  }

  /** Sends STATE; false while there is no coordinator to hear it. */
  sendState(changes: AgentState): boolean {
    if (this.#session?.online !== true || !this.#acceptor.link.attached) return false;
    this.#acceptor.link.control({ type: "state", stream: 0, json: changes });
    return true;
  }

  /** Runs until `stop` or a close that a person must act on. Call once. */
  async run(): Promise<ConnectionOutcome> {
    const url = tunnelUrl(this.#options.coordinatorUrl);
    let attempt = 0;
    let failingSince = this.#deps.clock.now();
    while (!this.#stopped) {
      this.#deps.observe({ type: "connecting", url: url.href });
      this.#session = this.#dial(url);
      const end = await this.#session.ended;
      this.#session = undefined;
      this.#expireStreams();
      const verdict = verdictOf(end, url, this.#deps.proxy);
      if (this.#stopped) break;
      if (verdict.type !== "retry") {
        this.#release();
        return verdict;
      }
      if (end.type === "closed" && end.livedMs > BACKOFF.good_ms) attempt = 0;
      if (attempt === 0) failingSince = this.#deps.clock.now();
      const failingForMs = this.#deps.clock.now() - failingSince;
      const inMs = backoffDelay({ attempt, failingForMs, random: this.#deps.random() });
      attempt++;
      if (end.type === "closed") this.#deps.observe({ type: "offline", reason: verdict.reason });
      this.#deps.observe({ type: "retrying", inMs, reason: verdict.reason });
      await this.#wait(inMs);
    }
    this.#release();
    return { type: "stopped" };
  }

  /** Resolves when no stream is left. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.add(resolve);
      this.#checkIdle();
    });
  }

  /** Does not wait any longer for the next attempt: the network may be back. */
  retryNow(): void {
    this.#wake();
  }

  /** Ends `run`; what still runs is given up. */
  stop(reason: string): void {
    this.#stopped = true;
    this.#session?.close(CLOSE_CODES.going_away, reason);
    this.#wake();
  }

  #dial(url: URL): Session {
    return new Session({
      url,
      token: this.#options.token,
      proxy: this.#deps.proxy,
      clock: this.#deps.clock,
      acceptor: this.#acceptor,
      heartbeatMs: this.#options.heartbeatMs,
      hello: (ipAddress) => ({ ...this.#options.hello(ipAddress), streams: this.#acceptor.positions() }),
      welcomed: (welcome) => this.#welcomed(welcome),
      attached: () => this.#options.attached(),
      received: () => this.#checkIdle(),
    });
  }

  #welcomed(welcome: Welcome): void {
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    this.#resumeWindowMs = welcome.resume_window_ms;
    this.#options.welcomed(welcome);
  }

  /** The window runs from the loss of the socket that had the streams, not from each failed attempt after it. */
  #expireStreams(): void {
    if (this.#cancelExpiry !== undefined || this.#acceptor.size === 0) return;
    this.#cancelExpiry = this.#deps.clock.after(this.#resumeWindowMs, () => {
      this.#cancelExpiry = undefined;
      this.#acceptor.cancelAll();
      this.#checkIdle();
    });
  }

  #release(): void {
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    this.#acceptor.cancelAll();
    this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.#acceptor.size > 0) return;
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
