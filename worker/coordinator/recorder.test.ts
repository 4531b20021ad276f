import { beforeEach, describe, expect, test } from "vitest";
import type { RequestView } from "../../shared/api/requests.ts";
import { requestRow } from "../../shared/api/testing/request-row.ts";
import { Recorder } from "./recorder.ts";
import { fakeDeps, uuid } from "./testing/bench.ts";

let deps: ReturnType<typeof fakeDeps>;
let recorder: Recorder;

beforeEach(() => {
  deps = fakeDeps();
  recorder = new Recorder(deps);
});

const row = (number: number): RequestView =>
  requestRow({ id: uuid(number), at: new Date(deps.clock.now()).toISOString() });

const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => uuid(from + index));
const record = (from: number, to: number): void => {
  for (let number = from; number <= to; number++) recorder.request(row(number));
};

describe("a history that is there", () => {
  test("gets everything within half a second, in order, in one call", async () => {
    record(1, 3);
    recorder.event("agent_online", null);
    await deps.clock.advance(500);
    expect(deps.history.batches).toEqual([4]);
    expect(deps.history.order.slice(0, 3)).toEqual(ids(1, 3));
    expect(deps.history.events).toMatchObject([{ kind: "agent_online", agent_id: null, detail: "{}" }]);
    expect([recorder.pending, deps.clock.timers]).toEqual([0, 0]);
  });

  test("gets at most a hundred rows a call", async () => {
    record(1, 250);
    await deps.clock.advance(500);
    expect(deps.history.batches).toEqual([100, 100, 50]);
    expect(deps.history.order).toEqual(ids(1, 250));
  });

  test("is slow: what comes meanwhile follows, once and in order", async () => {
    let open = (): void => {};
    deps.history.gate = new Promise((resolve) => {
      open = resolve;
    });
    record(1, 2);
    await deps.clock.advance(500);
    record(3, 4);
    await deps.clock.advance(1_000);
    expect(recorder.pending).toBe(2);
    open();
    await deps.clock.drain();
    expect([deps.history.order, deps.history.doubled, recorder.pending]).toEqual([ids(1, 4), 0, 0]);
  });

  test("flush resolves when everything is there, also when a flush is under way", async () => {
    record(1, 1);
    const first = recorder.flush();
    record(2, 2);
    await Promise.all([recorder.flush(), first]);
    expect(deps.history.order).toEqual(ids(1, 2));
  });
});

describe("a history that is away", () => {
  test("for an hour: then it has every row once, in order, and nothing served was held up", async () => {
    deps.history.away = true;
    for (let minute = 0; minute < 60; minute++) {
      record(minute * 10 + 1, minute * 10 + 10);
      await deps.clock.advance(60_000);
    }
    expect(recorder.pending).toBe(600);
    expect(deps.history.order).toEqual([]);
    // Asked seldom: a call each minute, not one for each row or batch.
    expect(deps.history.batches.length).toBeLessThan(300);
    deps.history.away = false;
    record(601, 605);
    await deps.clock.advance(61_000);
    expect([deps.history.order, deps.history.doubled, recorder.pending]).toEqual([ids(1, 605), 0, 0]);
    expect(deps.store.outbox.size()).toBe(0);
    expect(deps.history.kinds()).toEqual([]);
    await deps.clock.drain();
  });

  test("is asked less and less, however much there is to tell", async () => {
    deps.history.away = true;
    for (let second = 1; second <= 600; second++) {
      record(second, second);
      await deps.clock.advance(1_000);
    }
    // At 1, 3, 7, 15, 31 and 63 s, and then each minute; each time with a batch and with one row of it.
    expect(deps.history.batches.length).toBeLessThan(40);
  });

  test("the rows are safe from a crash within a second, also while it is not asked for a minute", async () => {
    deps.history.away = true;
    for (let number = 1; number <= 10; number++) {
      record(number, number);
      await deps.clock.advance(60_000);
    }
    record(11, 11);
    await deps.clock.advance(1_000);
    expect(deps.store.outbox.take(99).map(({ id }) => id)).toEqual(ids(1, 11));
    const after = new Recorder(deps);
    deps.history.away = false;
    await after.flush();
    expect(deps.history.order).toEqual(ids(1, 11));
  });

  test("what a crash left is delivered without anything new happening, before what is new", async () => {
    deps.history.away = true;
    record(1, 5);
    await recorder.flush();
    deps.history.away = false;
    recorder = new Recorder(deps);
    expect(recorder.pending).toBe(5);
    record(6, 6);
    await deps.clock.advance(500);
    expect(deps.history.order).toEqual(ids(1, 6));
  });

  test("back for a moment in the middle of a backlog: what it took is not offered again", async () => {
    deps.history.away = true;
    record(1, 250);
    await recorder.flush();
    const write = deps.history.write.bind(deps.history);
    let good = 1;
    deps.history.write = (rows) => {
      deps.history.away = good-- <= 0;
      return write(rows);
    };
    await recorder.flush();
    expect(deps.history.order.length).toBe(100);
    good = Number.POSITIVE_INFINITY;
    await recorder.flush();
    expect([deps.history.order, deps.history.doubled]).toEqual([ids(1, 250), 0]);
  });

  test("is asked within a minute also when the clock was set back", async () => {
    deps.history.away = true;
    record(1, 3);
    await deps.clock.advance(120_000);
    deps.history.away = false;
    deps.clock.setBack(86_400_000);
    await deps.clock.advance(61_000);
    expect(deps.history.order).toEqual(ids(1, 3));
  });

  test("an orderly stop asks it once more, whatever the time of the next try", async () => {
    deps.history.away = true;
    record(1, 3);
    await deps.clock.advance(300_000);
    deps.history.away = false;
    await recorder.flush();
    expect(deps.history.order).toEqual(ids(1, 3));
    await deps.clock.drain();
  });
});

describe("a row that the history never takes", () => {
  test("is not one that it refused for as long as it was away: back a moment later, it has it", async () => {
    deps.history.away = true;
    record(1, 3);
    await deps.clock.advance(600_000);
    const write = deps.history.write.bind(deps.history);
    deps.history.write = (rows) => {
      // It comes back between the row and the word that the row is at fault.
      if (rows.events.length > 0) deps.history.away = false;
      return write(rows);
    };
    await deps.clock.advance(61_000);
    expect(deps.history.order.filter((id) => ids(1, 3).includes(id))).toEqual(ids(1, 3));
    expect(deps.logged.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("is set aside with an event after five refusals, and the rest goes on in order", async () => {
    deps.history.poison.add(uuid(2));
    record(1, 4);
    await deps.clock.drain();
    expect(deps.history.order.filter((id) => ids(1, 4).includes(id))).toEqual([uuid(1), uuid(3), uuid(4)]);
    expect(deps.history.events).toMatchObject([{ kind: "history_row_refused" }]);
    expect(JSON.parse(deps.history.events[0]?.detail ?? "")).toEqual({ id: uuid(2), table: "requests" });
    expect([recorder.pending, deps.store.outbox.size()]).toEqual([0, 0]);
    expect(deps.logged.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  test("was tried five times by itself before", async () => {
    deps.history.poison.add(uuid(1));
    record(1, 1);
    let alone = 0;
    const write = deps.history.write.bind(deps.history);
    deps.history.write = (rows) => {
      if (rows.requests.length === 1) alone++;
      return write(rows);
    };
    await deps.clock.advance(1_000);
    expect(deps.store.outbox.take(1)).toMatchObject([{ id: uuid(1) }]);
    await deps.clock.drain();
    // Once in memory, each time in its batch and by itself, and once more when it is known that the history is there.
    expect(alone).toBe(1 + 2 * 5 + 1);
  });

  test("is not taken for poison while the history is away altogether", async () => {
    deps.history.away = true;
    record(1, 3);
    await deps.clock.advance(3_600_000);
    deps.history.away = false;
    await deps.clock.drain();
    expect(deps.history.order).toEqual(ids(1, 3));
  });
});

describe("a disk that is full while the history is away", () => {
  beforeEach(() => {
    deps.history.away = true;
    deps.store.outbox.refuses = true;
  });

  test("ends nothing, and loses nothing that memory can hold", async () => {
    record(1, 3);
    await deps.clock.advance(5_000);
    record(4, 4);
    await deps.clock.advance(60_000);
    expect(recorder.pending).toBe(4);
    expect(deps.logged.some(({ level }) => level === "error")).toBe(true);
    deps.history.away = false;
    await deps.clock.advance(61_000);
    expect([deps.history.order, deps.history.doubled]).toEqual([ids(1, 4), 0]);
    await deps.clock.drain();
  });

  test("and has room again: rows go where they belong", async () => {
    record(1, 2);
    await deps.clock.advance(5_000);
    deps.store.outbox.refuses = false;
    await deps.clock.advance(60_000);
    expect(deps.store.outbox.take(9).map(({ id }) => id)).toEqual(ids(1, 2));
  });

  test("makes flush resolve all the same: a stop is not held up", async () => {
    record(1, 1);
    await expect(recorder.flush()).resolves.toBeUndefined();
  });
});
