/**
 * What the multiplexer needs of a WebSocket; adapters are named after the platform that they wrap. One
 * transport is one socket: after a loss the multiplexer is attached to a new one.
 */
export interface Transport {
  /**
   * Hands over one message; never throws, not even when the socket is closing. `sent` is called once the message has left
   * and `buffered` says so; never synchronously.
   */
  send(message: Uint8Array<ArrayBuffer>, sent: () => void): void;
  /** Bytes handed over that have not left yet; 0 where the platform does not tell. */
  buffered(): number;
  close(code: number, reason: string): void;
}

/**
 * Runs `task` at the end of the current turn of the event loop: late enough that what several sockets deliver in the
 * same turn leaves in one message, early enough that no timer stands between a token and the wire.
 */
export type Defer = (task: () => void) => void;
