import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NOBODY } from "../../../shared/api/testing/feed-parts.ts";
import { backOff, type FeedConnection, FeedSocket } from "./feed-socket.ts";

class FakeSocket {
  readyState = 1;
  sent: string[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 3;
  }

  says(version: number): void {
    const message = {
      type: "snapshot",
      version,
      at: "2026-01-31T12:00:00.000Z",
      coordinator: { version: "0.1.0", demo: false },
      state: NOBODY,
    };
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let sockets: FakeSocket[];
let states: FeedConnection[];
let refused: number;
let feed: FeedSocket;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  sockets = [];
  states = [];
  refused = 0;
  feed = new FeedSocket({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      // A browser's socket has a hundred members of which these are used.
      return socket as unknown as WebSocket;
    },
    onMessage: () => {},
    onConnection: (connection) => states.push(connection),
    onRefused: () => refused++,
  });
});

afterEach(() => {
  feed.stop();
  vi.useRealTimers();
});

const last = () => states.at(-1);
const socket = (at: number): FakeSocket => {
  const found = sockets[at];
  if (found === undefined) throw new Error(`socket ${at} was not opened`);
  return found;
};

test("it is live with the first message, and acknowledges the newest of a second", () => {
  expect(last()).toEqual({ state: "connecting" });
  for (const version of [1, 2, 3]) socket(0).says(version);
  expect(last()).toEqual({ state: "live" });
  vi.advanceTimersByTime(1_000);
  expect(socket(0).sent).toEqual(['{"type":"ack","version":3}']);
});

test("a lost connection is dialled again, later each time, and says since when it is lost", () => {
  socket(0).says(1);
  vi.advanceTimersByTime(5_000);
  socket(0).onclose?.({ code: 1006 });
  expect(last()).toMatchObject({ state: "lost", since: 5_000 });
  vi.advanceTimersByTime(500);
  socket(1).onclose?.({ code: 1006 });
  expect(last()).toMatchObject({ state: "lost", since: 5_000 });
  expect(refused).toBe(1);
  vi.advanceTimersByTime(1_000);
  socket(2).says(1);
  expect(last()).toEqual({ state: "live" });
});

test("waits grow to a quarter of a minute and differ between pages", () => {
  expect([0, 1, 2, 9].map((tries) => [backOff(tries, 0), backOff(tries, 1)])).toEqual([
    [250, 500],
    [500, 1_000],
    [1_000, 2_000],
    [7_500, 15_000],
  ]);
});

test("a session that was ended is asked about at once", () => {
  socket(0).says(1);
  socket(0).onclose?.({ code: 4401 });
  expect(refused).toBe(1);
});

test("an idle fleet that answers is not taken for a dead network, and a dead network is", () => {
  socket(0).says(1);
  vi.advanceTimersByTime(20_000);
  expect(socket(0).sent.at(-1)).toBe("ping");
  socket(0).onmessage?.({ data: "pong" });
  vi.advanceTimersByTime(20_000);
  expect(last()).toEqual({ state: "live" });
  vi.advanceTimersByTime(10_000);
  expect(last()).toMatchObject({ state: "lost" });
  expect(socket(0).readyState).toBe(3);
});

test("a person need not wait for the next try", () => {
  socket(0).onclose?.({ code: 1006 });
  feed.retryNow();
  feed.retryNow();
  expect(sockets).toHaveLength(2);
});

test("once stopped nothing is dialled any more", () => {
  socket(0).onclose?.({ code: 1006 });
  feed.stop();
  vi.advanceTimersByTime(60_000);
  expect(sockets).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});
