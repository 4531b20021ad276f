/**
 * Why a stream ended before its END frame (the one byte of a RESET frame). A closed list: a code that is
 * not in it is a malformed frame (TN14).
 */
export const RESET_CODES = {
  /** The client went away, or the coordinator no longer wants the answer. */
  cancelled: 1,
  /** The frame named a stream that the receiver does not have. */
  unknown_stream: 2,
  /** The agent could not reach its Ollama: connection refused, timed out or closed before a byte. */
  ollama_unreachable: 3,
  /** Ollama closed the connection in the middle of its answer. */
  ollama_cut: 4,
  /** Ollama did not answer, or fell silent, longer than the agreed time. */
  ollama_timeout: 5,
  /** The request is not one that an agent forwards. */
  route_refused: 6,
  /** The agent is stopping, or yields to its owner, and takes no new work. */
  stopping: 7,
  /** A limit of the protocol would be exceeded. */
  limit: 8,
  /** The owner of the machine does not allow this. */
  owner_refused: 9,
  /** The request's body is not one that an agent forwards: it names two models, or cannot be read. */
  body_refused: 10,
} as const;

export type ResetCode = keyof typeof RESET_CODES;

const RESET_NAMES = new Map<number, ResetCode>(
  Object.entries(RESET_CODES).map(([name, code]) => [code, name as ResetCode]),
);

export function resetCodeOf(byte: number): ResetCode | undefined {
  return RESET_NAMES.get(byte);
}

/** WebSocket close codes of the tunnel, in the application range 4000–4999 (TN2). */
export const CLOSE_CODES = {
  /** The peer stops in an orderly way; dial again later. */
  going_away: 1001,
  /** A frame or message broke a rule; the reason names it. */
  protocol_error: 4000,
  /** A newer connection of the same program took this one's place; do not fight it. */
  replaced: 4001,
  /** The agent was removed by an operator; forget the token and stop. */
  revoked: 4002,
  /** Another machine uses the same token and is alive; stop. */
  identity_conflict: 4003,
  /** No common wire version; the reason says the range. */
  version: 4004,
  /** An operator asked this connection to close; dial again. */
  disconnected: 4005,
  /** No HELLO in time. */
  hello_timeout: 4006,
  /** Nothing was heard from the agent for too long; dial again. */
  silent: 4007,
} as const;

export type CloseCode = keyof typeof CLOSE_CODES;

const CLOSE_NAMES = new Map<number, CloseCode>(
  Object.entries(CLOSE_CODES).map(([name, code]) => [code, name as CloseCode]),
);

export function closeCodeOf(code: number): CloseCode | undefined {
  return CLOSE_NAMES.get(code);
}

/** After these an agent must not dial again by itself: a person has to act. */
export const FINAL_CLOSES: ReadonlySet<CloseCode> = new Set(["revoked", "identity_conflict", "version"]);
