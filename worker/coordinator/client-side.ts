import type { ErrorCode } from "../../shared/api/errors.ts";

/** A request body as it comes: `null` is its end. Rejects when the client stops in the middle. */
export interface ByteSource {
  /** False once it cannot be sent again, though its attempt be lost; absent: whoever sends it says so in other ways. */
  readonly replayable?: boolean;
  read(): Promise<Uint8Array | null> | Uint8Array | null;
  /** Nothing more will be read. */
  cancel(): void;
}

/**
 * Where an answer goes: the one host writes straight to its `ServerResponse`, the other to its stream. Order of calls:
 * `head`, any number of `write`, then one of `end` and `fail`.
 */
export interface ClientSide {
  head(status: number, headers: [string, string][]): void;
  write(bytes: Uint8Array): void;
  end(): void;
  /** The answer cannot be completed: an error in the client's dialect, or a reset, never a clean end. */
  fail(code: ErrorCode, message: string): void;
  /** Set by the relay: `bytes` of what was written are with the client's socket. */
  onConsumed: (bytes: number) => void;
  /** Set by whoever serves the request now: the client has left. */
  onGone: () => void;
  /** True once the client has left. */
  readonly gone: boolean;
}
