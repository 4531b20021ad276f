import { encode } from "../frame/codec.ts";
import type { Frame } from "../frame/types.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { MuxStream } from "./stream.ts";
import type { Defer, Transport } from "./transport.ts";

/** Control frames in one message: even if each were a full head, the message stays within its limit. */
const CONTROL_FRAMES = 32;

/**
 * Turns what streams have ready into WebSocket messages: everything of one turn in one message, control
 * frames first, then one DATA frame of each ready stream in turn, while the socket takes it (TN7, TN8).
 */
export class Link {
  readonly #defer: Defer;
  #transport: Transport | undefined;
  #control: Frame[] = [];
  /** Streams with something to send; a Set keeps insertion order, which makes it the ring. */
  readonly #ready = new Set<MuxStream>();
  #scheduled = false;
  /** Messages sent and bytes in them, for metrics. */
  readonly sent = { messages: 0, bytes: 0 };

  constructor(defer: Defer) {
    this.#defer = defer;
  }

  get attached(): boolean {
    return this.#transport !== undefined;
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

  /** Queues a control frame; without a socket it is dropped, since resumption says the same again. */
  control(frame: Frame): void {
    if (this.#transport === undefined) return;
    this.#control.push(frame);
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
    this.flush();
  };

  /** Sends what is ready now; called at the end of the turn, and by closers that cannot wait for it. */
  flush(): void {
    const transport = this.#transport;
    if (transport === undefined) return;
    while (this.#control.length > 0 || this.#ready.size > 0) {
      const room = LIMITS.socket_buffer_bytes - transport.buffered();
      if (room <= 0 && this.#control.length === 0) return;
      const frames = this.#control.splice(0, CONTROL_FRAMES);
      // Data only behind the last control frame: a head must not be overtaken by its own body.
      if (this.#control.length === 0) this.#takeData(frames, room);
      if (frames.length === 0) return;
      const message = encode(frames);
      this.sent.messages++;
      this.sent.bytes += message.length;
      transport.send(message, this.#onSent);
    }
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
      if (frame.type === "data") left -= frame.bytes.length;
      frames.push(frame);
      if (stream.out.ready) this.#ready.add(stream);
    }
  }

  readonly #onSent = (): void => {
    if (this.#ready.size > 0 || this.#control.length > 0) this.#schedule();
  };
}
