import { describe, expect, test } from "vitest";
import { FrameError } from "../frame/error.ts";
import type { Frame } from "../frame/types.ts";
import { RESET_CODES } from "../protocol/codes.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { StreamPosition } from "../protocol/messages.ts";
import { Acceptor, type Incoming } from "./acceptor.ts";
import { FakeTransport, said, Turn } from "./testing/fake-transport.ts";
import { HEAD } from "./testing/world.ts";

const REQUEST_HEAD = { ...HEAD, window: LIMITS.window_bytes };
const OK = { status: 200, headers: [] };

class Scene {
  readonly turn = new Turn();
  readonly incoming: Incoming[] = [];
  readonly lines: string[] = [];
  readonly acceptor: Acceptor;
  transport = new FakeTransport();

  constructor() {
    this.acceptor = new Acceptor({
      defer: this.turn.defer,
      accept: (incoming) => {
        this.incoming.push(incoming);
        const { id } = incoming.stream;
        return {
          data: (bytes) => this.lines.push(`${id} data ${bytes.length}`),
          end: () => this.lines.push(`${id} end`),
          failed: (reason) => this.lines.push(`${id} failed ${reason}`),
          drain: () => this.lines.push(`${id} drain`),
        };
      },
    });
    this.acceptor.attach(this.transport, []);
  }

  request(stream: number): Incoming {
    this.acceptor.receive({ type: "request", stream, json: REQUEST_HEAD });
    const incoming = this.incoming.at(-1);
    if (incoming === undefined) throw new Error("not accepted");
    return incoming;
  }

  said(): Frame[] {
    return said(this.transport, this.turn);
  }

  again(theirs: StreamPosition[]): Frame[] {
    this.acceptor.detach();
    this.transport = new FakeTransport();
    this.acceptor.attach(this.transport, theirs);
    return this.said();
  }
}

const position = (id: number, change: Partial<StreamPosition> = {}): StreamPosition => ({
  id,
  received: 0,
  consumed: 0,
  ended: false,
  head: true,
  ...change,
});
const types = (frames: Frame[]): string[] => frames.map(({ type }) => type);

describe("Acceptor", () => {
  test("TN13: an answered stream stays until DONE, and then goes without an event", () => {
    const scene = new Scene();
    const { stream, respond } = scene.request(1);
    scene.acceptor.receive({ type: "end", stream: 1, total: 0, json: undefined });
    respond(OK);
    stream.write(Uint8Array.of(1));
    stream.end({ completion_tokens: 1 });
    expect(types(scene.said())).toEqual(["response", "data", "end"]);
    expect(scene.acceptor.size).toBe(1);
    scene.acceptor.receive({ type: "done", stream: 1 });
    expect(scene.acceptor.size).toBe(0);
    expect(scene.lines).toEqual(["1 end"]);
  });

  test("TN13: a RESET is said again on each new socket until DONE, and no event follows it", () => {
    const scene = new Scene();
    const { stream } = scene.request(1);
    stream.reset("ollama_cut");
    scene.acceptor.detach();
    expect(scene.acceptor.positions()).toHaveLength(1);
    expect(types(scene.again([position(1, { head: false })]))).toEqual(["reset"]);
    expect(types(scene.again([position(1, { head: false })]))).toEqual(["reset"]);
    scene.acceptor.receive({ type: "data", stream: 1, bytes: Uint8Array.of(1) });
    scene.acceptor.receive({ type: "end", stream: 1, total: 1, json: undefined });
    scene.acceptor.receive({ type: "done", stream: 1 });
    expect(scene.lines).toEqual([]);
    expect(scene.acceptor.gauge()).toEqual({
      streams: 0,
      received_held: 0,
      received_held_max: 0,
      sent_held: 0,
    });
  });

  test("TN13: DONE before the request was complete says that the rest is not coming", () => {
    const scene = new Scene();
    const { stream, respond } = scene.request(1);
    respond(OK);
    stream.end();
    scene.acceptor.receive({ type: "done", stream: 1 });
    expect(scene.lines).toEqual(["1 failed cancelled"]);
  });

  test("TN16: a cancelled stream fails once, and nothing more of it is sent", () => {
    const scene = new Scene();
    const { stream, respond } = scene.request(1);
    scene.acceptor.receive({ type: "end", stream: 1, total: 0, json: undefined });
    scene.acceptor.receive({ type: "reset", stream: 1, code: RESET_CODES.cancelled });
    scene.acceptor.receive({ type: "reset", stream: 1, code: RESET_CODES.cancelled });
    respond(OK);
    stream.write(Uint8Array.of(1));
    stream.endWith("ollama_cut");
    scene.acceptor.cancelAll();
    expect(scene.lines).toEqual(["1 end", "1 failed cancelled"]);
    expect(scene.said()).toEqual([]);
  });

  test("TN16: both give up at once, and neither waits for the other", () => {
    const scene = new Scene();
    scene.request(1).stream.reset("ollama_cut");
    scene.acceptor.receive({ type: "reset", stream: 1, code: RESET_CODES.cancelled });
    expect([scene.acceptor.size, scene.lines]).toEqual([0, []]);
  });

  test("TN11: a request body whose END says another length is a FrameError", () => {
    const scene = new Scene();
    scene.request(1);
    scene.acceptor.receive({ type: "data", stream: 1, bytes: Uint8Array.of(1) });
    const short: Frame = { type: "end", stream: 1, total: 2, json: undefined };
    expect(() => scene.acceptor.receive(short)).toThrow("stream 1: ended at 2 bytes, 1 received");
    expect(scene.lines).toEqual(["1 data 1"]);
  });

  test("TN18: an id that is in use, a bad head and frames of the other side are FrameErrors", () => {
    const scene = new Scene();
    scene.request(1);
    const bad: Frame[] = [
      { type: "request", stream: 1, json: REQUEST_HEAD },
      { type: "request", stream: 2, json: { ...REQUEST_HEAD, method: "CONNECT" } },
      { type: "request", stream: 2, json: { ...REQUEST_HEAD, path: "//elsewhere/" } },
      { type: "request", stream: 2, json: { ...REQUEST_HEAD, path: "/\\elsewhere/" } },
      { type: "request", stream: 2, json: { ...REQUEST_HEAD, path: "/a b" } },
      { type: "request", stream: 2, json: { ...REQUEST_HEAD, window: 1 } },
      { type: "response", stream: 1, json: OK },
      { type: "state", stream: 0, json: {} },
    ];
    for (const frame of bad) expect(() => scene.acceptor.receive(frame)).toThrow(FrameError);
    expect(scene.incoming).toHaveLength(1);
  });

  test("TN19: frames of an unknown stream get RESET; RESET and DONE get nothing, so that nobody answers for ever", () => {
    const scene = new Scene();
    scene.acceptor.receive({ type: "data", stream: 9, bytes: Uint8Array.of(1) });
    scene.acceptor.receive({ type: "reset", stream: 9, code: 2 });
    scene.acceptor.receive({ type: "done", stream: 9 });
    expect(scene.said()).toEqual([{ type: "reset", stream: 9, code: RESET_CODES.unknown_stream }]);
  });

  test("TN19: the 1,025th stream is refused with `limit`, and the others go on", () => {
    const scene = new Scene();
    for (let id = 1; id <= LIMITS.streams_per_agent + 1; id++) {
      scene.acceptor.receive({ type: "request", stream: id, json: REQUEST_HEAD });
    }
    expect(scene.incoming).toHaveLength(LIMITS.streams_per_agent);
    expect(scene.said()).toEqual([
      { type: "reset", stream: LIMITS.streams_per_agent + 1, code: RESET_CODES.limit },
    ]);
  });

  test.each([
    ["too large", { status: 200, headers: Array(4).fill(["x", "v".repeat(10_000)]) }],
    ["not valid", { status: 200, headers: [["no name", ""]] as [string, string][] }],
  ])("TN6: a head of Ollama's that is %s costs its own stream only", (_, head) => {
    const scene = new Scene();
    const other = scene.request(1);
    scene.request(2).respond(head);
    other.respond(OK);
    expect(scene.said().map(({ type, stream }) => `${type} ${stream}`)).toEqual(["response 1", "reset 2"]);
    expect(scene.lines).toEqual(["2 failed limit"]);
  });

  test("TN6: what END says of an answer is refused at its writer when it is too large", () => {
    const scene = new Scene();
    const { stream } = scene.request(1);
    expect(() => stream.end({ text: "x".repeat(LIMITS.end_bytes) })).toThrow(FrameError);
  });

  test("a second response is a bug of the caller and does not reach the wire", () => {
    const { respond } = new Scene().request(1);
    respond(OK);
    expect(() => respond(OK)).toThrow("stream 1 responded twice");
  });

  test("TN9: what was consumed after the end of a body is still acknowledged, so that its sender forgets it", () => {
    const scene = new Scene();
    const { stream } = scene.request(1);
    for (let n = 0; n < 4; n++) {
      scene.acceptor.receive({ type: "data", stream: 1, bytes: new Uint8Array(LIMITS.data_bytes) });
    }
    scene.acceptor.receive({ type: "end", stream: 1, total: 65_536, json: undefined });
    stream.consume(65_536);
    expect(scene.said()).toEqual([{ type: "credit", stream: 1, consumed: 65_536, window: 65_536 }]);
  });
});

describe("Acceptor: a new socket", () => {
  test("TN21: a head that the coordinator has not seen is said again, before the bytes", () => {
    const scene = new Scene();
    const { stream, respond } = scene.request(1);
    respond(OK);
    stream.write(Uint8Array.of(1, 2));
    scene.said();
    const said = scene.again([position(1, { head: false })]);
    expect(types(said)).toEqual(["response", "credit", "data"]);
  });

  test("TN12: an answer goes on where the coordinator has it, and its END is said again", () => {
    const scene = new Scene();
    const { stream, respond } = scene.request(1);
    respond(OK);
    stream.write(Uint8Array.of(1, 2, 3));
    stream.end();
    scene.said();
    const said = scene.again([position(1, { received: 2, consumed: 2 })]);
    expect(said.slice(1)).toEqual([
      { type: "data", stream: 1, bytes: Uint8Array.of(3) },
      { type: "end", stream: 1, total: 3, json: undefined },
    ]);
  });

  test("TN12: a stream that WELCOME does not name is over: quietly when its answer was complete, else cancelled", () => {
    const scene = new Scene();
    for (const id of [1, 2]) {
      const { respond } = scene.request(id);
      scene.acceptor.receive({ type: "end", stream: id, total: 0, json: undefined });
      respond(OK);
    }
    scene.incoming[0]?.stream.end();
    scene.said();
    scene.again([]);
    expect(scene.lines).toEqual(["1 end", "2 end", "2 failed cancelled"]);
    expect(scene.acceptor.size).toBe(0);
  });

  test("TN12: a stream that was given up after HELLO was written gets RESET, or the coordinator would wait for ever", () => {
    const scene = new Scene();
    scene.request(1);
    scene.acceptor.detach();
    scene.acceptor.cancelAll();
    expect(scene.again([position(1)])).toEqual([
      { type: "reset", stream: 1, code: RESET_CODES.unknown_stream },
    ]);
  });

  test("TN12: a position that cannot be ends the stream on both sides", () => {
    const scene = new Scene();
    scene.request(1);
    const said = scene.again([position(1, { received: 5 })]);
    expect(types(said)).toEqual(["reset"]);
    expect(scene.lines).toEqual(["1 failed cancelled"]);
  });

  test("TN20: CREDIT follows for each stream, and a writer that waits goes on with the coordinator's", () => {
    const scene = new Scene();
    const { stream, respond } = scene.request(1);
    respond(OK);
    expect(stream.write(new Uint8Array(LIMITS.window_bytes))).toBe(false);
    scene.said();
    const said = scene.again([position(1, { received: LIMITS.window_bytes, consumed: LIMITS.window_bytes })]);
    expect(said).toEqual([{ type: "credit", stream: 1, consumed: 0, window: 65_536 }]);
    const credit: Frame = {
      type: "credit",
      stream: 1,
      consumed: LIMITS.window_bytes,
      window: LIMITS.window_bytes,
    };
    scene.acceptor.receive(credit);
    expect(scene.lines).toEqual(["1 drain"]);
  });
});
