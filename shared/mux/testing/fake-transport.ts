import { decode } from "../../frame/codec.ts";
import type { Frame } from "../../frame/types.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { Transport } from "../transport.ts";

/** A socket of which the test says when a message leaves; it checks what every sender owes it. */
export class FakeTransport implements Transport {
  /** Handed over and not yet gone. */
  readonly buffer: { message: Uint8Array<ArrayBuffer>; sent: () => void }[] = [];
  /** Gone, in order. */
  readonly wire: Uint8Array<ArrayBuffer>[] = [];
  readonly closes: { code: number; reason: string }[] = [];
  /** False for a closer, who may send control frames into a full socket. */
  checksRoom = true;

  send(message: Uint8Array<ArrayBuffer>, sent: () => void): void {
    if (this.checksRoom && this.buffered() >= LIMITS.socket_buffer_bytes)
      throw new Error("sent without room");
    if (message.length > LIMITS.message_bytes) throw new Error(`message of ${message.length} bytes`);
    this.buffer.push({ message, sent });
  }

  buffered(): number {
    return this.buffer.reduce((sum, { message }) => sum + message.length, 0);
  }

  close(code: number, reason: string): void {
    this.closes.push({ code, reason });
  }

  /** The oldest message leaves. */
  drain(): void {
    const next = this.buffer.shift();
    if (next === undefined) return;
    this.wire.push(next.message);
    next.sent();
  }

  drainAll(): void {
    while (this.buffer.length > 0) this.drain();
  }

  /** The frames of every message so far, gone or not. */
  messages(): Frame[][] {
    return [...this.wire, ...this.buffer.map(({ message }) => message)].map((message) => decode(message));
  }

  frames(): Frame[] {
    return this.messages().flat();
  }
}

/** `defer` by hand: tasks run when the test says that the turn is over. */
export class Turn {
  #tasks: (() => void)[] = [];

  readonly defer = (task: () => void): void => {
    this.#tasks.push(task);
  };

  get pending(): number {
    return this.#tasks.length;
  }

  end(): void {
    for (const task of this.#tasks.splice(0)) task();
  }
}

/** Turns and sends until nothing moves; the frames that left since the last call. */
export function said(transport: FakeTransport, turn: Turn): Frame[] {
  while (turn.pending > 0 || transport.buffer.length > 0) {
    turn.end();
    transport.drainAll();
  }
  return transport.wire.splice(0).flatMap((message) => decode(message));
}
