import { decode } from "../../../shared/frame/codec.ts";
import type { Frame } from "../../../shared/frame/types.ts";
import type { Transport } from "../../../shared/mux/transport.ts";
import type { AgentSocket, SocketAttachment } from "../socket.ts";

/** What a socket's two ends call when something happens. */
export interface Ends {
  coordinator: {
    message(socket: AgentSocket, message: Uint8Array | string): void;
    closed(socket: AgentSocket): void;
  };
  agent: { message(message: Uint8Array): void; closed(code: number, reason: string): void };
  now: () => number;
}

/** Most bytes of a close reason; the real sockets throw beyond it. */
const REASON_BYTES = 123;

/** One WebSocket between brain and agent: messages arrive in order, in later microtasks, and none after it is closed. */
export class FakeSocket implements AgentSocket {
  #ends: Ends;
  #heard: number;
  /** Gone: nothing arrives any more, in either direction. */
  dead = false;
  attachment: SocketAttachment | undefined;
  /** Why the coordinator closed it, if it did. */
  closed: { code: number; reason: string } | undefined;
  /** Frames that the coordinator sent, in order; and in how many messages. */
  readonly sent: Frame[] = [];
  messages = 0;

  /** The agent's end. */
  readonly agent: Transport = {
    send: (message, sent) => {
      queueMicrotask(() => {
        sent();
        this.say(message);
      });
    },
    buffered: () => 0,
    close: () => this.lose(),
  };

  constructor(ends: Ends) {
    this.#ends = ends;
    this.#heard = ends.now();
  }

  /** The brain behind it is another one now: the object hibernated and woke up. */
  rewire(coordinator: Ends["coordinator"]): void {
    this.#ends = { ...this.#ends, coordinator };
  }

  /** The agent's message arrives. */
  say(message: Uint8Array | string): void {
    if (this.dead) return;
    this.#heard = this.#ends.now();
    this.#ends.coordinator.message(this, message);
  }

  /** A ping arrives: the platform answers it, and the brain sees only when. */
  ping(): void {
    this.#heard = this.#ends.now();
  }

  /** The connection is lost and the coordinator's platform notices; the agent's is told, too. */
  lose(code = 1006): void {
    if (this.dead) return;
    this.dead = true;
    this.#ends.agent.closed(code, "");
    this.#ends.coordinator.closed(this);
  }

  lastHeard(): number {
    return this.#heard;
  }

  remember(attachment: SocketAttachment): void {
    this.attachment = structuredClone(attachment);
  }

  send(message: Uint8Array<ArrayBuffer>, sent: () => void): void {
    this.sent.push(...decode(message));
    this.messages++;
    queueMicrotask(() => {
      if (this.dead) return;
      sent();
      this.#ends.agent.message(message);
    });
  }

  buffered(): number {
    return 0;
  }

  close(code: number, reason: string): void {
    const bytes = new TextEncoder().encode(reason).length;
    if (bytes > REASON_BYTES) throw new RangeError(`close reason of ${bytes} bytes`);
    if (this.dead || this.closed !== undefined) return;
    this.closed = { code, reason };
    queueMicrotask(() => this.lose(code));
  }
}
