import { encode, frameBytes } from "../frame/codec.ts";
import type { Frame } from "../frame/types.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { MuxStream } from "./stream.ts";
import type { Traffic } from "./traffic.ts";
import type { Defer, Transport } from "./transport.ts";

/** Control frames in one message, bytes: with the data behind them it stays within its limit. */
const CONTROL_BYTES = LIMITS.message_bytes - 2 * LIMITS.socket_buffer_bytes;

/**
 * Turns what streams have ready into WebSocket messages: everything of one turn in one message, control
 * frames first, then one DATA frame of each ready stream in turn, while the socket takes it (TN7, TN8).
 */
export class Link {
  readonly #defer: Defer;
  #transport: Transport | undefined;
  #control: Uint8Array[] = [];
  /** Streams with something to send; a Set keeps insertion order, which makes it the ring. */
  readonly #ready = new Set<MuxStream>();
  #scheduled = false;
  readonly #sent: Traffic | undefined;

  /** @param sent where what is sent is counted */
  constructor(defer: Defer, sent?: Traffic) {
    this.#defer = defer;
    this.#sent = sent;
  }

  get attached(): boolean {
    return this.#transport !== undefined;
  }

  /** Control frames that wait for the socket: what a peer that sends without reading makes this side hold. */
  get waiting(): number {
    return this.#control.length;
  }

  /** Nothing of the old socket carries over: positions are agreed anew in HELLO and WELCOME. */
  attach(transport: Transport): void {
    this.#transport = transport;
    this.#control = [];
  }

  detach(): void {
    this.#transport = undefined;
    this.#control = [];
  }

  /**
   * Queues a control frame; without a socket it is dropped, since resumption says the same again.
   * @throws FrameError when it is too large. Here and not in `flush`, where it would take the frames of other streams
   * that share its message down with it.
   */
  control(frame: Frame): void {
    const bytes = encode([frame]);
    if (this.#transport === undefined) return;
    this.#control.push(bytes);
    this.#schedule();
  }

  ready(stream: MuxStream): void {
    this.#ready.add(stream);
    if (this.#transport !== undefined) this.#schedule();
  }

  forget(stream: MuxStream): void {
    this.#ready.delete(stream);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#defer(this.#run);
  }

  readonly #run = (): void => {
    this.#scheduled = false;
    this.#send(false);
  };

  /** For closers that cannot wait for the end of the turn: sends what is ready now, control frames even without room. */
  flush(): void {
    this.#send(true);
  }

  #send(closing: boolean): void {
    const transport = this.#transport;
    if (transport === undefined) return;
    while (this.#control.length > 0 || this.#ready.size > 0) {
      const room = LIMITS.socket_buffer_bytes - transport.buffered();
      // Control frames wait too: in the socket they would be no faster, and a peer that does not read could fill it.
      if (room <= 0 && !(closing && this.#control.length > 0)) return;
      const control = this.#takeControl();
      const frames: Frame[] = [];
      // Data only behind the last control frame: a head must not be overtaken by its own body.
      if (this.#control.length === 0) this.#takeData(frames, room);
      if (control.length === 0 && frames.length === 0) return;
      const message = encode(frames, control);
      if (this.#sent !== undefined) {
        this.#sent.bytes += message.length;
        this.#sent.frames += control.length + frames.length;
      }
      transport.send(message, this.#onSent);
    }
  }

  #takeControl(): Uint8Array[] {
    let bytes = 0;
    let count = 0;
    for (const frame of this.#control) {
      bytes += frame.length;
      if (bytes > CONTROL_BYTES) break;
      count++;
    }
    return this.#control.splice(0, count);
  }

  /** Adds DATA frames up to `room` bytes, one of each ready stream at a time, oldest first. */
  #takeData(frames: Frame[], room: number): void {
    let left = room;
    while (left > 0 && this.#ready.size > 0) {
      const [stream] = this.#ready;
      if (stream === undefined) return;
      this.#ready.delete(stream);
      const frame = stream.out.take();
      if (frame === undefined) continue;
      left -= frameBytes(frame);
      frames.push(frame);
      if (stream.out.ready) this.#ready.add(stream);
    }
  }

  readonly #onSent = (): void => {
    if (this.#ready.size > 0 || this.#control.length > 0) this.#schedule();
  };
}
