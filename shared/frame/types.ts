import { LIMITS } from "../protocol/limits.ts";

/** Frame types (TN5). Those below 16 belong to the connection (stream id 0), the others to a stream. */
export const FRAME = {
  hello: 1,
  welcome: 2,
  state: 3,
  request: 16,
  response: 17,
  data: 18,
  credit: 19,
  end: 20,
  reset: 21,
  done: 22,
} as const;

export type FrameName = keyof typeof FRAME;

/** Largest payload of each type, bytes, checked before anything is allocated (TN6). */
export const MAX_PAYLOAD: Readonly<Record<FrameName, number>> = {
  hello: LIMITS.control_bytes,
  welcome: LIMITS.control_bytes,
  state: LIMITS.control_bytes,
  request: LIMITS.head_bytes,
  response: LIMITS.head_bytes,
  data: LIMITS.data_bytes,
  credit: 10,
  end: 6 + LIMITS.end_bytes,
  reset: 1,
  done: 0,
};

/** Frames whose payload is a JSON text in UTF-8. */
export type JsonFrameName = "hello" | "welcome" | "state" | "request" | "response";

/**
 * A frame as the codec sees it. JSON payloads are parsed to `unknown` here and checked against their schema by the reader,
 * once, before anything acts on them.
 */
export type Frame =
  | { type: JsonFrameName; stream: number; json: unknown }
  | { type: "data"; stream: number; bytes: Uint8Array }
  /** `consumed`: bytes of this direction consumed so far; `window`: bytes that may be ahead of that. */
  | { type: "credit"; stream: number; consumed: number; window: number }
  /** `total`: length of this direction, bytes; `json`: what the agent says of the answer, or undefined. */
  | { type: "end"; stream: number; total: number; json: unknown }
  | { type: "reset"; stream: number; code: number }
  | { type: "done"; stream: number };
