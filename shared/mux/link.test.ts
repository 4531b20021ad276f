import { describe, expect, test } from "vitest";
import type { Frame } from "../frame/types.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { RequestEvents } from "./opener.ts";
import { Opener } from "./opener.ts";
import { FakeTransport, Turn } from "./testing/fake-transport.ts";
import { HEAD } from "./testing/world.ts";

const QUIET: RequestEvents = { head() {}, data() {}, end() {}, failed() {}, drain() {} };
const WELCOME: Frame = { type: "welcome", stream: 0, json: {} };

function connected(): { opener: Opener; transport: FakeTransport; turn: Turn } {
  const turn = new Turn();
  const opener = new Opener({ defer: turn.defer, window: () => LIMITS.window_bytes, firstId: 0 });
  const transport = new FakeTransport();
  opener.attach(transport, [], () => WELCOME);
  turn.end();
  transport.drainAll();
  transport.wire.length = 0;
  return { opener, transport, turn };
}

const shape = (frames: Frame[] | undefined): string[] | undefined =>
  frames?.map(({ type, stream }) => `${type} ${stream}`);

describe("Link", () => {
  test("TN7: what becomes ready in one turn leaves in one message, heads before their bodies", () => {
    const { opener, transport, turn } = connected();
    const first = opener.open(HEAD, QUIET);
    first.write(Uint8Array.of(1));
    const second = opener.open(HEAD, QUIET);
    second.write(Uint8Array.of(2));
    first.write(Uint8Array.of(3));
    first.end();
    second.end();
    expect(transport.messages()).toEqual([]);
    expect(turn.pending).toBe(1);
    turn.end();
    expect(transport.messages().map(shape)).toEqual([
      ["request 1", "request 2", "data 1", "data 2", "end 1", "end 2"],
    ]);
    expect(turn.pending).toBe(0);
  });

  test("TN7: an idle link asks for no turn and sends nothing", () => {
    const { transport, turn } = connected();
    turn.end();
    expect([turn.pending, transport.messages()]).toEqual([0, []]);
  });

  test("TN7: more heads than a message may have are cut into several, in order, with the data behind the last", () => {
    const { opener, transport, turn } = connected();
    const headers: [string, string][] = [
      ["x", "v".repeat(16_000)],
      ["y", "v".repeat(16_000)],
    ];
    const streams = Array.from({ length: 100 }, () => opener.open({ ...HEAD, headers }, QUIET));
    for (const stream of streams) stream.write(new Uint8Array(600));
    turn.end();
    while (transport.buffer.length > 0 || turn.pending > 0) {
      transport.drain();
      turn.end();
    }
    const types = transport.frames().map(({ type }) => type);
    expect(types).toEqual([...Array(100).fill("request"), ...Array(100).fill("data")]);
    expect(transport.wire.length).toBeGreaterThan(1);
    for (const message of transport.wire) expect(message.length).toBeLessThanOrEqual(LIMITS.message_bytes);
  });

  test("TN8: a waiting token waits for at most one 16 KiB frame of each other stream", () => {
    const { opener, transport, turn } = connected();
    const busy = opener.open(HEAD, QUIET);
    busy.write(new Uint8Array(60 * 1024));
    const token = opener.open(HEAD, QUIET);
    token.write(Uint8Array.of(1));
    turn.end();
    const data = transport.frames().filter(({ type }) => type === "data");
    expect(shape(data)).toEqual(["data 1", "data 2", "data 1", "data 1", "data 1"]);
    expect(data[0]?.type === "data" && data[0].bytes.length).toBe(16 * 1024);
  });

  test("TN8: a full socket gets nothing more, and each time it has room the ring goes on where it stopped", () => {
    const { opener, transport, turn } = connected();
    const streams = Array.from({ length: 3 }, () => opener.open(HEAD, QUIET));
    for (const stream of streams) stream.write(new Uint8Array(64 * 1024));
    turn.end();
    expect(transport.buffer).toHaveLength(1);
    // Even control frames wait: in the socket they would be no faster.
    streams[0]?.reset("cancelled");
    turn.end();
    expect(transport.buffer).toHaveLength(1);
    const seen: string[] = [];
    while (transport.buffer.length > 0 || turn.pending > 0) {
      expect(transport.buffered()).toBeLessThan(2 * LIMITS.socket_buffer_bytes);
      transport.drain();
      turn.end();
    }
    for (const frame of transport.frames()) seen.push(`${frame.type} ${frame.stream}`);
    expect(seen.slice(3, 7)).toEqual(["data 1", "data 2", "data 3", "data 1"]);
    expect(seen[7]).toBe("reset 1");
    expect(seen.slice(8)).toEqual(["data 2", "data 3", "data 2", "data 3", "data 2", "data 3"]);
  });

  test("a closer gets its last control frames out although the socket is full", () => {
    const { opener, transport, turn } = connected();
    const stream = opener.open(HEAD, QUIET);
    opener.open(HEAD, QUIET).write(new Uint8Array(64 * 1024));
    turn.end();
    transport.checksRoom = false;
    stream.reset("stopping");
    opener.link.flush();
    expect(shape(transport.messages().at(-1))).toEqual(["reset 1"]);
    opener.link.flush();
    expect(transport.buffer).toHaveLength(2);
  });

  test("TN6: a head that is too large is the caller's error and costs no other stream anything", () => {
    const { opener, transport, turn } = connected();
    const good = opener.open(HEAD, QUIET);
    good.write(Uint8Array.of(1));
    const headers: [string, string][] = Array.from({ length: 3 }, () => ["x", "v".repeat(16_000)]);
    expect(() => opener.open({ ...HEAD, headers }, QUIET)).toThrow(
      "request frame of 48111 bytes, at most 32768",
    );
    expect(() => opener.open({ ...HEAD, headers: [["no name", ""]] }, QUIET)).toThrow(
      "request: headers.0.0: ",
    );
    expect(opener.size).toBe(1);
    turn.end();
    expect(shape(transport.frames())).toEqual(["request 1", "data 1"]);
  });

  test("what is ready for a socket that is gone leaves on none, and what was queued for it is forgotten", () => {
    const { opener, transport, turn } = connected();
    opener.open(HEAD, QUIET).write(Uint8Array.of(1));
    opener.detach();
    turn.end();
    expect(transport.messages()).toEqual([]);
    expect(opener.link.waiting).toBe(0);
  });
});
