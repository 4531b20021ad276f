import type { Clock } from "../clock.ts";

/** Intervals without a word from the peer after which a socket is given up. */
const MISSED = 2;

export interface HeartbeatOptions {
  clock: Clock;
  everyMs: number;
  ping(): void;
  /** Called once, and nothing after it. */
  dead(silentMs: number): void;
}

/** Sends `ping` at an interval and notices when nothing comes back: a socket may be dead without being closed. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #missed = 0;
  #cancel: () => void;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#cancel = options.clock.after(options.everyMs, this.#beat);
  }

  /** Any message counts: `pong` waits its turn behind the bytes of a busy socket. */
  heard(): void {
    this.#missed = 0;
  }

  stop(): void {
    this.#cancel();
  }

  readonly #beat = (): void => {
    const { clock, everyMs, ping, dead } = this.#options;
    if (this.#missed >= MISSED) {
      dead(MISSED * everyMs);
      return;
    }
    this.#missed++;
    this.#cancel = clock.after(everyMs, this.#beat);
    ping();
  };
}
