import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptView, RequestView } from "../../../../shared/api/requests.ts";
import { STEPS, ticks, tokenRate, waterfallOf } from "./waterfall.ts";

type Timed = Parameters<typeof waterfallOf>[0];

const attempt = (over: Partial<AttemptView>): AttemptView => ({
  agent_id: "a",
  agent_name: "attic",
  reason: "fastest",
  started_ms: 0,
  first_byte_ms: null,
  ended_ms: 0,
  error_code: null,
  ...over,
});
const row = (over: Partial<Timed>): Timed => ({
  duration_ms: 0,
  queue_ms: 0,
  first_byte_ms: null,
  load_ms: null,
  prompt_ms: null,
  eval_ms: null,
  tries: [],
  ...over,
});
const shown = (timed: Timed) =>
  waterfallOf(timed).lanes.map(({ steps }) => steps.map(({ kind, from, to }) => [kind, from, to]));

test("a streamed answer: arrival, queue, dispatch, load, prompt and stream, one after the other", () => {
  const timed = row({
    duration_ms: 3_000,
    queue_ms: 400,
    load_ms: 600,
    prompt_ms: 200,
    eval_ms: 1_500,
    tries: [attempt({ started_ms: 410, first_byte_ms: 1_500, ended_ms: 3_000 })],
  });
  expect(shown(timed)).toEqual([
    [
      ["prepare", 0, 10],
      ["queue", 10, 410],
      ["dispatch", 410, 700],
      ["load", 700, 1_300],
      ["prompt", 1_300, 1_500],
      ["stream", 1_500, 3_000],
    ],
  ]);
});

test("an answer that is not streamed was written before its first byte came", () => {
  const timed = row({
    duration_ms: 1_000,
    prompt_ms: 100,
    eval_ms: 800,
    tries: [attempt({ first_byte_ms: 990, ended_ms: 1_000 })],
  });
  expect(shown(timed)[0]?.map(([kind]) => kind)).toEqual(["dispatch", "prompt", "write", "stream"]);
});

test("two tries: a lane for each, and the wait between them is the queue's", () => {
  const timed = row({
    duration_ms: 900,
    queue_ms: 250,
    tries: [
      attempt({ started_ms: 50, ended_ms: 300, error_code: "agent_lost" }),
      attempt({ started_ms: 600, first_byte_ms: 700, ended_ms: 900 }),
    ],
  });
  expect(shown(timed)).toEqual([
    [
      ["queue", 0, 50],
      ["lost", 50, 300],
    ],
    [
      ["prepare", 300, 350],
      ["queue", 350, 600],
      ["dispatch", 600, 700],
      ["stream", 700, 900],
    ],
  ]);
});

test("one that never got a machine is one lane of waiting", () => {
  expect(waterfallOf(row({ duration_ms: 500, queue_ms: 490 }))).toEqual({
    total: 500,
    lanes: [
      {
        attempt: undefined,
        firstByte: null,
        steps: [
          { kind: "prepare", from: 0, to: 10 },
          { kind: "queue", from: 10, to: 500 },
        ],
      },
    ],
  });
});

const odd = fc.oneof(
  fc.integer({ min: -1_000, max: 10_000 }),
  fc.double({ min: -1e9, max: 1e12, noNaN: true }),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324),
);
const maybe = fc.option(odd, { nil: null });
const anyAttempt = fc.record({
  started_ms: odd,
  first_byte_ms: maybe,
  ended_ms: odd,
  error_code: fc.constantFrom(null, "agent_lost", "cancelled", "some_new_code"),
});
const anyRow: fc.Arbitrary<Timed> = fc.record({
  duration_ms: odd,
  queue_ms: odd,
  first_byte_ms: maybe,
  load_ms: maybe,
  prompt_ms: maybe,
  eval_ms: maybe,
  tries: fc.array(anyAttempt.map(attempt), { maxLength: 5 }),
});

test("whatever the clocks and Ollama say: steps follow each other, inside the picture, each attempt once", () => {
  fc.assert(
    fc.property(anyRow, (timed) => {
      const { lanes, total } = waterfallOf(timed);
      expect(Number.isFinite(total) && total > 0).toBe(true);
      const slack = total * 1e-9;
      let at = 0;
      for (const lane of lanes) {
        for (const { kind, from, to } of lane.steps) {
          expect(STEPS).toContain(kind);
          expect(from).toBeGreaterThanOrEqual(at - slack);
          expect(to).toBeGreaterThanOrEqual(from);
          expect(to).toBeLessThanOrEqual(total + slack);
          at = to;
        }
        if (lane.firstByte !== null) {
          expect(lane.firstByte).toBeGreaterThanOrEqual(0);
          expect(lane.firstByte).toBeLessThanOrEqual(total + slack);
        }
      }
      const attempts = lanes.flatMap(({ attempt: index }) => (index === undefined ? [] : [index]));
      expect(attempts.toSorted()).toEqual(timed.tries.map((_, index) => index));
      const axis = ticks(total);
      expect(axis[0]).toBe(0);
      expect(axis.length).toBeLessThanOrEqual(7);
      expect((axis.at(-1) ?? 0) <= total + slack).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("the rate is Ollama's own where it says one, else that of the stream, and nothing where nothing is known", () => {
  const rate = (over: Partial<RequestView>) =>
    tokenRate({ completion_tokens: 100, eval_ms: null, first_byte_ms: null, duration_ms: 3_000, ...over });
  expect(rate({ eval_ms: 2_000 })).toBe(50);
  expect(rate({ first_byte_ms: 1_000 })).toBe(50);
  expect([rate({}), rate({ completion_tokens: null, eval_ms: 5 }), rate({ first_byte_ms: 3_000 })]).toEqual([
    null,
    null,
    null,
  ]);
});
