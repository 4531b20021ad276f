import { resetCodeOf } from "../protocol/codes.ts";
import { LIMITS } from "../protocol/limits.ts";
import { FrameError } from "./error.ts";
import { FRAME, type Frame, type FrameName, type JsonFrameName, MAX_PAYLOAD } from "./types.ts";

/**
 * A frame is an 8-byte header and a payload (TN5):
 *
 *     0        1                 5              8
 *     +--------+-----------------+--------------+---------
 *     | type   | stream id  u32  | length  u24  | payload
 *     +--------+-----------------+--------------+---------
 *
 * Integers are big-endian. A WebSocket message is one or more whole frames, nothing else.
 */
export const HEADER_BYTES = 8;

const U32 = 0x1_0000_0000;
const encoder = new TextEncoder();
/** `fatal`: a control message with broken UTF-8 is malformed, not silently repaired; nor is a BOM swallowed. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const NAMES: (FrameName | undefined)[] = [];
for (const name of Object.keys(FRAME) as FrameName[]) NAMES[FRAME[name]] = name;

const NO_BYTES = new Uint8Array(0);

function payloadOf(frame: Frame): Uint8Array {
  switch (frame.type) {
    case "data":
      return frame.bytes;
    case "credit": {
      const bytes = new Uint8Array(10);
      writeU48(bytes, 0, frame.consumed);
      new DataView(bytes.buffer).setUint32(6, frame.window);
      return bytes;
    }
    case "end": {
      const json = frame.json === undefined ? NO_BYTES : encoder.encode(JSON.stringify(frame.json));
      const bytes = new Uint8Array(6 + json.length);
      writeU48(bytes, 0, frame.total);
      bytes.set(json, 6);
      return bytes;
    }
    case "reset":
      return Uint8Array.of(frame.code);
    case "done":
      return NO_BYTES;
    default:
      return encoder.encode(JSON.stringify(frame.json));
  }
}

/**
 * One WebSocket message that carries `frames` in order, behind `before`: frames that are encoded already.
 * @throws FrameError when a payload is longer than its type allows: a bug of the caller or a head that is too large.
 */
export function encode(
  frames: readonly Frame[],
  before: readonly Uint8Array[] = [],
): Uint8Array<ArrayBuffer> {
  const payloads = frames.map(payloadOf);
  let length = 0;
  for (const bytes of before) length += bytes.length;
  for (const payload of payloads) length += HEADER_BYTES + payload.length;
  const message = new Uint8Array(length);
  let at = 0;
  for (const bytes of before) {
    message.set(bytes, at);
    at += bytes.length;
  }
  frames.forEach((frame, index) => {
    const payload = payloads[index] ?? NO_BYTES;
    if (payload.length > MAX_PAYLOAD[frame.type]) {
      throw new FrameError(
        `${frame.type} frame of ${payload.length} bytes, at most ${MAX_PAYLOAD[frame.type]}`,
      );
    }
    message[at] = FRAME[frame.type];
    writeU32(message, at + 1, frame.stream);
    message[at + 5] = payload.length >>> 16;
    message[at + 6] = payload.length >>> 8;
    message[at + 7] = payload.length;
    message.set(payload, at + HEADER_BYTES);
    at += HEADER_BYTES + payload.length;
  });
  return message;
}

/** Whether `encode` takes the frame: its payload is within its type's limit. */
export function fits(frame: Frame): boolean {
  return payloadOf(frame).length <= MAX_PAYLOAD[frame.type];
}

/** Length of a DATA or END frame on the wire without building it, bytes: for one with JSON the most it can be. */
export function frameBytes(frame: Frame): number {
  if (frame.type === "data") return HEADER_BYTES + frame.bytes.length;
  if (frame.type === "end" && frame.json === undefined) return HEADER_BYTES + 6;
  return HEADER_BYTES + MAX_PAYLOAD[frame.type];
}

/**
 * The frames of one WebSocket message. DATA payloads are views into `message`, not copies.
 * @throws FrameError on anything that is not one or more whole, known frames within their limits (TN6).
 */
export function decode(message: Uint8Array): Frame[] {
  if (message.length === 0) throw new FrameError("empty message");
  if (message.length > LIMITS.message_bytes) {
    throw new FrameError(`message of ${message.length} bytes, at most ${LIMITS.message_bytes}`);
  }
  const frames: Frame[] = [];
  let at = 0;
  while (at < message.length) {
    if (message.length - at < HEADER_BYTES)
      throw new FrameError(`header cut after ${message.length - at} bytes`);
    const type = NAMES[byteAt(message, at)];
    if (type === undefined) throw new FrameError(`unknown frame type ${byteAt(message, at)}`);
    const stream = readU32(message, at + 1);
    const length = byteAt(message, at + 5) * 65_536 + byteAt(message, at + 6) * 256 + byteAt(message, at + 7);
    if (length > MAX_PAYLOAD[type]) {
      throw new FrameError(`${type} frame of ${length} bytes, at most ${MAX_PAYLOAD[type]}`);
    }
    const start = at + HEADER_BYTES;
    if (message.length - start < length) {
      throw new FrameError(`${type} frame of ${length} bytes cut after ${message.length - start}`);
    }
    if (FRAME[type] < 16 !== (stream === 0)) {
      throw new FrameError(`${type} frame on stream ${stream}`);
    }
    at = start + length;
    frames.push(frameOf(type, stream, message.subarray(start, at)));
  }
  return frames;
}

function frameOf(type: FrameName, stream: number, payload: Uint8Array): Frame {
  switch (type) {
    case "data":
      if (payload.length === 0) throw new FrameError("empty data frame");
      return { type, stream, bytes: payload };
    case "credit":
      if (payload.length !== 10) throw new FrameError(`credit frame of ${payload.length} bytes, must be 10`);
      return { type, stream, consumed: readU48(payload, 0), window: readU32(payload, 6) };
    case "end":
      if (payload.length < 6) throw new FrameError(`end frame of ${payload.length} bytes, at least 6`);
      return {
        type,
        stream,
        total: readU48(payload, 0),
        json: payload.length === 6 ? undefined : parse(type, payload.subarray(6)),
      };
    case "reset": {
      const code = payload[0];
      if (code === undefined || resetCodeOf(code) === undefined) {
        throw new FrameError(`reset frame with unknown code ${code ?? "(none)"}`);
      }
      return { type, stream, code };
    }
    case "done":
      return { type, stream };
    default:
      return { type: type satisfies JsonFrameName, stream, json: parse(type, payload) };
  }
}

function parse(type: FrameName, payload: Uint8Array): unknown {
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(payload));
  } catch (cause) {
    throw new FrameError(`${type} frame is not JSON`, { cause });
  }
  if (isDeeperThan(json, LIMITS.json_depth)) {
    throw new FrameError(`${type} frame is nested deeper than ${LIMITS.json_depth}`);
  }
  return json;
}

/** JSON.parse takes any depth, and whoever writes such a value with JSON.stringify dies of a full stack. */
function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) return true;
  for (const member of Object.values(value)) if (isDeeperThan(member, depth - 1)) return true;
  return false;
}

/** The length checks above have passed; a miss here is a bug of this file, and zero would hide it. */
function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new FrameError(`read past the end at ${at}`);
  return byte;
}

function readU32(bytes: Uint8Array, at: number): number {
  return (
    byteAt(bytes, at) * 0x100_0000 +
    (byteAt(bytes, at + 1) << 16) +
    (byteAt(bytes, at + 2) << 8) +
    byteAt(bytes, at + 3)
  );
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function readU48(bytes: Uint8Array, at: number): number {
  return (byteAt(bytes, at) * 256 + byteAt(bytes, at + 1)) * U32 + readU32(bytes, at + 2);
}

function writeU48(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / U32);
  bytes[at] = high >>> 8;
  bytes[at + 1] = high;
  writeU32(bytes, at + 2, value % U32);
}
