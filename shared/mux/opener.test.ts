import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode } from "../frame/codec.ts";
import { FrameError } from "../frame/error.ts";
import { anyFrame } from "../frame/testing/arbitrary.ts";
import type { Frame } from "../frame/types.ts";
import { RESET_CODES } from "../protocol/codes.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { StreamPosition } from "../protocol/messages.ts";
import { Opener, type RequestEvents } from "./opener.ts";
import { FakeTransport, said as saidOn, Turn } from "./testing/fake-transport.ts";
import { HEAD } from "./testing/world.ts";

interface Scene {
  opener: Opener;
  transport: FakeTransport;
  turn: Turn;
  /** The frames that left since the last call. */
  said(): Frame[];
}

function scene(window = (): number => LIMITS.window_bytes): Scene {
  const turn = new Turn();
  const opener = new Opener({ defer: turn.defer, window, firstId: 0 });
  const transport = new FakeTransport();
  opener.attach(transport, [], welcomeOf([]));
  saidOn(transport, turn);
  return { opener, transport, turn, said: () => saidOn(transport, turn) };
}

const welcomeOf =
  (seen: StreamPosition[]) =>
  (streams: StreamPosition[]): Frame => {
    seen.push(...streams);
    return { type: "welcome", stream: 0, json: { streams } };
  };

/** Events as a journal. */
function journal(): RequestEvents & { lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    head: (head) => lines.push(`head ${head.status}`),
    data: (bytes) => lines.push(`data ${bytes.join(",")}`),
    end: (json) => lines.push(`end ${JSON.stringify(json)}`),
    failed: (reason) => lines.push(`failed ${reason}`),
    drain: () => lines.push("drain"),
  };
}

const response = (stream: number): Frame => ({
  type: "response",
  stream,
  json: { status: 200, headers: [], more: "ignored" },
});
const data = (stream: number, ...bytes: number[]): Frame => ({
  type: "data",
  stream,
  bytes: Uint8Array.from(bytes),
});
const end = (stream: number, total: number): Frame => ({ type: "end", stream, total, json: undefined });
const position = (id: number, change: Partial<StreamPosition> = {}): StreamPosition => ({
  id,
  received: 0,
  consumed: 0,
  ended: false,
  head: true,
  ...change,
});

describe("Opener", () => {
  test("TN13: an answer is head, data and end, and its END is confirmed with DONE", () => {
    const { opener, said } = scene();
    const events = journal();
    opener.open(HEAD, events).end();
    expect(said().map(({ type }) => type)).toEqual(["request", "end"]);
    opener.receive(response(1));
    opener.receive(data(1, 1, 2));
    opener.receive({ type: "end", stream: 1, total: 2, json: { completion_tokens: 1 } });
    expect(events.lines).toEqual(["head 200", "data 1,2", 'end {"completion_tokens":1}']);
    expect(said()).toEqual([{ type: "done", stream: 1 }]);
    expect(opener.size).toBe(0);
  });

  test("TN14: a RESET fails the stream with its code and is confirmed", () => {
    const { opener, said } = scene();
    const events = journal();
    opener.open(HEAD, events);
    said();
    opener.receive({ type: "reset", stream: 1, code: RESET_CODES.ollama_timeout });
    expect(events.lines).toEqual(["failed ollama_timeout"]);
    expect(said()).toEqual([{ type: "done", stream: 1 }]);
  });

  test("TN16: a stream that is given up sends RESET and nothing of what it had to send; no event follows", () => {
    const { opener, said } = scene();
    const events = journal();
    const stream = opener.open(HEAD, events);
    stream.write(Uint8Array.of(1));
    stream.reset("cancelled");
    stream.write(Uint8Array.of(2));
    stream.end();
    expect(said().map(({ type }) => type)).toEqual(["request", "reset"]);
    opener.receive(data(1, 1));
    expect(events.lines).toEqual([]);
    expect(opener.size).toBe(0);
  });

  test("TN16: a request that cannot be completed is given up whole", () => {
    const { opener, said } = scene();
    const stream = opener.open(HEAD, journal());
    stream.write(Uint8Array.of(1));
    stream.endWith("cancelled");
    expect(said().map(({ type }) => type)).toEqual(["request", "reset"]);
    expect(opener.size).toBe(0);
  });

  test("TN19: frames of an unknown stream get RESET, and its last word DONE", () => {
    const { opener, said } = scene();
    opener.receive(response(9));
    opener.receive(data(9, 1));
    opener.receive({ type: "credit", stream: 9, consumed: 0, window: 1 });
    opener.receive(end(9, 1));
    opener.receive({ type: "reset", stream: 9, code: 1 });
    expect(said().map(({ type }) => type)).toEqual(["reset", "reset", "reset", "done", "done"]);
  });

  test.each<[string, Frame, string]>([
    ["data before the response", data(1, 1), "stream 1: data before the response"],
    ["the end before the response", end(1, 0), "stream 1: end before the response"],
    ["a request", { type: "request", stream: 1, json: {} }, "request frame from an agent"],
    ["DONE", { type: "done", stream: 1 }, "done frame from an agent"],
    ["DONE for nothing", { type: "done", stream: 9 }, "done frame from an agent"],
    ["a second HELLO", { type: "hello", stream: 0, json: {} }, "hello frame from an agent"],
    ["a head without status", { type: "response", stream: 1, json: {} }, "response: status: "],
    [
      "credit beyond what was sent",
      { type: "credit", stream: 1, consumed: 1, window: 1 },
      "credit 1+1 cannot",
    ],
    [
      "a window beyond the limit",
      { type: "credit", stream: 1, consumed: 0, window: LIMITS.window_bytes + 1 },
      "cannot be",
    ],
  ])("TN18: from an agent %s is a FrameError", (_, frame, text) => {
    const { opener } = scene();
    opener.open(HEAD, journal());
    expect(() => opener.receive(frame)).toThrow(FrameError);
    expect(() => opener.receive(frame)).toThrow(text);
  });

  test("TN18: a second response is a FrameError", () => {
    const { opener } = scene();
    opener.open(HEAD, journal());
    opener.receive(response(1));
    expect(() => opener.receive(response(1))).toThrow("stream 1: second response");
  });

  test("TN18: header names and values that would split an answer are a FrameError", () => {
    const { opener } = scene();
    opener.open(HEAD, journal());
    for (const header of [
      ["a b", "c"],
      ["a", "b\r\nset-cookie: c"],
      ["", "x"],
      ["a", "\u0000"],
      ["a", "ł"],
    ]) {
      const frame: Frame = { type: "response", stream: 1, json: { status: 200, headers: [header] } };
      expect(() => opener.receive(frame)).toThrow(FrameError);
    }
  });

  test("TN22: an agent that sends without reading is a FrameError, not a queue without end", () => {
    const { opener } = scene();
    const flood = (): void => {
      for (let n = 0; n <= LIMITS.waiting_frames; n++) opener.receive(data(9, 1));
    };
    expect(flood).toThrow(FrameError);
    expect(opener.link.waiting).toBe(LIMITS.waiting_frames);
  });

  test("TN22: random frames of a hostile agent throw FrameError or nothing, and leave other streams as they are", () => {
    const hostile = anyFrame.map((frame) => (frame.stream === 2 ? { ...frame, stream: 3 } : frame));
    const low = hostile.map((frame): Frame => (frame.stream > 3 ? { ...frame, stream: 1 } : frame));
    const valid = fc.constantFrom(response(1), data(1, 1, 2), end(1, 0), end(1, 2), response(3));
    fc.assert(
      fc.property(fc.array(fc.oneof(low, hostile, valid), { maxLength: 30 }), (frames) => {
        const { opener, said } = scene();
        const target = journal();
        const bystander = journal();
        opener.open(HEAD, target).write(Uint8Array.of(1, 2, 3));
        opener.open(HEAD, bystander).write(Uint8Array.of(4));
        said();
        opener.receive(response(2));
        for (const frame of frames) {
          try {
            opener.receive(frame);
          } catch (error) {
            expect(error).toBeInstanceOf(FrameError);
          }
        }
        expect(opener.gauge().received_held_max).toBeLessThanOrEqual(LIMITS.window_bytes);
        opener.receive(data(2, 5));
        opener.receive(end(2, 1));
        expect(bystander.lines).toEqual(["head 200", "data 5", "end undefined"]);
        const outcomes = target.lines.filter((line) => /^(end|failed)/.test(line));
        expect(outcomes.length).toBeLessThanOrEqual(1);
        expect(said().every((frame) => encode([frame]).length > 0)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("TN9: a token that is kept does not keep the message that it came in", () => {
    const { opener } = scene();
    let kept = 0;
    opener.open(HEAD, {
      ...journal(),
      data: (bytes) => {
        kept += bytes.buffer.byteLength;
      },
    });
    opener.receive(response(1));
    opener.receive({ type: "data", stream: 1, bytes: new Uint8Array(LIMITS.message_bytes).subarray(0, 10) });
    expect(kept).toBe(10);
  });

  test("TN10: the agent hears of a smaller window at once", () => {
    let window = LIMITS.window_bytes as number;
    const { opener, said } = scene(() => window);
    opener.open(HEAD, journal());
    said();
    window = LIMITS.window_floor_bytes;
    opener.shrink();
    expect(said()).toEqual([{ type: "credit", stream: 1, consumed: 0, window }]);
  });

  test("TN18: stream ids go up, wrap to 1, and skip those in use", () => {
    const turn = new Turn();
    const opener = new Opener({ defer: turn.defer, window: () => LIMITS.window_bytes, firstId: 0xffff_fffe });
    expect(opener.open(HEAD, journal()).id).toBe(0xffff_ffff);
    expect(opener.open(HEAD, journal()).id).toBe(1);
  });

  test("an agent has at most 1,024 streams", () => {
    const { opener } = scene();
    for (let n = 0; n < LIMITS.streams_per_agent; n++) opener.open(HEAD, journal());
    expect(() => opener.open(HEAD, journal())).toThrow("at most 1024");
  });

  test("streams without an answer are told from those with one, and all fail when the agent is gone", () => {
    const { opener } = scene();
    const events = [journal(), journal()];
    for (const one of events) opener.open(HEAD, one);
    opener.receive(response(1));
    expect(opener.unanswered().map(({ id }) => id)).toEqual([2]);
    opener.failAll("agent_lost");
    expect(events.map(({ lines }) => lines)).toEqual([
      ["head 200", "failed agent_lost"],
      ["failed agent_lost"],
    ]);
    expect(opener.size).toBe(0);
  });
});

describe("Opener: a new socket", () => {
  function again(before: Scene, theirs: StreamPosition[]): { kept: StreamPosition[]; said: Frame[] } {
    const kept: StreamPosition[] = [];
    const transport = new FakeTransport();
    before.opener.detach();
    before.opener.attach(transport, theirs, welcomeOf(kept));
    return { kept, said: saidOn(transport, before.turn) };
  }

  test("TN17: WELCOME is the first frame on it", () => {
    const before = scene();
    before.opener.open(HEAD, journal()).write(Uint8Array.of(1));
    const { said } = again(before, []);
    expect(said[0]?.type).toBe("welcome");
  });

  test("TN21: a REQUEST that the agent never saw is said again with its body", () => {
    const before = scene();
    const stream = before.opener.open(HEAD, journal());
    stream.write(Uint8Array.of(1, 2));
    stream.end();
    before.said();
    const { kept, said } = again(before, []);
    expect(kept).toEqual([]);
    expect(said.map(({ type }) => type)).toEqual(["welcome", "request", "credit", "data", "end"]);
  });

  test("TN12: the body goes on where the agent has it, and a body that it has whole does not", () => {
    const before = scene();
    for (let n = 0; n < 2; n++) {
      const stream = before.opener.open(HEAD, journal());
      stream.write(Uint8Array.of(1, 2, 3));
      stream.end();
    }
    before.said();
    const { kept, said } = again(before, [
      position(1, { received: 2, consumed: 1 }),
      position(2, { received: 3, ended: true }),
    ]);
    expect(kept.map(({ id, head }) => [id, head])).toEqual([
      [1, false],
      [2, false],
    ]);
    expect(said.filter(({ type }) => type === "data")).toEqual([data(1, 3)]);
    expect(said.filter(({ type }) => type === "end")).toEqual([end(1, 3)]);
  });

  test("TN20: every stream that goes on gets CREDIT, so that one that was lost is not waited for", () => {
    const before = scene();
    const stream = before.opener.open(HEAD, journal());
    before.said();
    before.opener.receive(response(1));
    before.opener.receive(data(1, 1, 2, 3));
    stream.consume(2);
    const { kept, said } = again(before, [position(1)]);
    expect(kept).toEqual([position(1, { received: 3, consumed: 2 })]);
    expect(said.slice(1)).toEqual([{ type: "credit", stream: 1, consumed: 2, window: LIMITS.window_bytes }]);
  });

  test("TN12: a stream of which the agent lost the beginning fails, and is not in WELCOME", () => {
    const before = scene();
    const events = [journal(), journal()];
    before.opener.open(HEAD, events[0] ?? journal());
    before.opener.open(HEAD, events[1] ?? journal()).write(Uint8Array.of(1));
    before.said();
    before.opener.receive(response(1));
    const { kept, said } = again(before, [position(2, { received: 2 })]);
    expect(kept).toEqual([]);
    expect(said.map(({ type }) => type)).toEqual(["welcome"]);
    expect(events.map(({ lines }) => lines)).toEqual([
      ["head 200", "failed agent_lost"],
      ["failed agent_lost"],
    ]);
  });

  test("TN21: a stream opened without a socket is sent on the next one", () => {
    const before = scene();
    before.opener.detach();
    before.opener.open(HEAD, journal()).end();
    const { said } = again(before, []);
    expect(said.map(({ type }) => type)).toEqual(["welcome", "request", "credit", "end"]);
  });
});
