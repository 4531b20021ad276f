import { RESET_CODES } from "../../protocol/codes.ts";
import type { Frame } from "../types.ts";

/** The codec written a second time, slowly and in another way: everything is a list of numbers. The tests' oracle (TN5). */
const TYPES = [
  [1, "hello"],
  [2, "welcome"],
  [3, "state"],
  [16, "request"],
  [17, "response"],
  [18, "data"],
  [19, "credit"],
  [20, "end"],
  [21, "reset"],
  [22, "done"],
] as const;

function digits(value: number, bytes: number): number[] {
  const hex = value.toString(16).padStart(bytes * 2, "0");
  return Array.from({ length: bytes }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16));
}

function number(bytes: number[]): number {
  return Number.parseInt(bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("") || "0", 16);
}

function text(json: unknown): number[] {
  return Array.from(new TextEncoder().encode(JSON.stringify(json)));
}

function payload(frame: Frame): number[] {
  if (frame.type === "data") return Array.from(frame.bytes);
  if (frame.type === "credit") return [...digits(frame.consumed, 6), ...digits(frame.window, 4)];
  if (frame.type === "end")
    return [...digits(frame.total, 6), ...(frame.json === undefined ? [] : text(frame.json))];
  if (frame.type === "reset") return [frame.code];
  if (frame.type === "done") return [];
  return text(frame.json);
}

export function naiveEncode(frames: readonly Frame[]): number[] {
  const message: number[] = [];
  for (const frame of frames) {
    const type = TYPES.find(([, name]) => name === frame.type)?.[0] ?? 0;
    const bytes = payload(frame);
    message.push(type, ...digits(frame.stream, 4), ...digits(bytes.length, 3), ...bytes);
  }
  return message;
}

/** The frames, or undefined for anything that is not a valid message. Limits are the caller's to check. */
export function naiveDecode(message: readonly number[]): Frame[] | undefined {
  const frames: Frame[] = [];
  let rest = [...message];
  while (rest.length > 0) {
    const name = TYPES.find(([type]) => type === rest[0])?.[1];
    const stream = number(rest.slice(1, 5));
    const length = number(rest.slice(5, 8));
    const body = rest.slice(8, 8 + length);
    if (name === undefined || rest.length < 8 || body.length < length) return undefined;
    const connection = name === "hello" || name === "welcome" || name === "state";
    if (connection !== (stream === 0)) return undefined;
    const frame = naiveFrame(name, stream, body);
    if (frame === undefined) return undefined;
    frames.push(frame);
    rest = rest.slice(8 + length);
  }
  return frames.length === 0 ? undefined : frames;
}

function naiveFrame(type: Frame["type"], stream: number, body: number[]): Frame | undefined {
  const json = (bytes: number[]): unknown =>
    JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes)));
  try {
    if (type === "data")
      return body.length === 0 ? undefined : { type, stream, bytes: Uint8Array.from(body) };
    if (type === "credit") {
      if (body.length !== 10) return undefined;
      return { type, stream, consumed: number(body.slice(0, 6)), window: number(body.slice(6)) };
    }
    if (type === "end") {
      if (body.length < 6) return undefined;
      const rest = body.slice(6);
      return {
        type,
        stream,
        total: number(body.slice(0, 6)),
        json: rest.length === 0 ? undefined : json(rest),
      };
    }
    if (type === "reset") {
      const [code] = body;
      const known = Object.values<number>(RESET_CODES);
      return code !== undefined && body.length === 1 && known.includes(code)
        ? { type, stream, code }
        : undefined;
    }
    if (type === "done") return body.length === 0 ? { type, stream } : undefined;
    return { type, stream, json: json(body) };
  } catch {
    return undefined;
  }
}
