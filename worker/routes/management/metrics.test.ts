import fc from "fast-check";
import { expect, test } from "vitest";
import type { Metric } from "../../../shared/api/metrics.ts";
import { exposition } from "./exposition.ts";
import { bench } from "./testing/bench.ts";
import { parseExposition } from "./testing/parse-exposition.ts";

test("it is Prometheus' text, and nobody keeps it", async () => {
  const { ask } = await bench();
  const response = await ask("GET", "/metrics");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.text()).toBe("# HELP up Up.\n# TYPE up gauge\nup 1\n");
});

test("a token is needed", async () => {
  const { app, world } = await bench();
  const response = await app.request("/metrics");
  expect(response.status).toBe(401);
  expect(world.journal).toEqual([]);
});

test("a bucket holds those below it, and the last one all", () => {
  const text = exposition([
    {
      type: "histogram",
      name: "wait_seconds",
      help: "Wait.",
      bounds: [0.5, 2],
      samples: [{ labels: { model: "m" }, counts: [1, 2, 3], sum: 30.5 }],
    },
  ]);
  expect(text.split("\n").slice(2)).toEqual([
    'wait_seconds_bucket{model="m",le="0.5"} 1',
    'wait_seconds_bucket{model="m",le="2"} 3',
    'wait_seconds_bucket{model="m",le="+Inf"} 6',
    'wait_seconds_sum{model="m"} 30.5',
    'wait_seconds_count{model="m"} 6',
    "",
  ]);
});

test("whatever a machine or a model calls itself, the text can be read and says that name", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({
      unit: fc.constantFrom("\\", '"', "\n", "\r", "n", "{", "}", ",", "=", " ", "\ud800", "\u2028"),
    }),
  );
  const value = fc.oneof(fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  fc.assert(
    fc.property(
      fc.uniqueArray(text, { selector: (name) => name.toWellFormed(), maxLength: 4 }),
      text,
      value,
      (names, help, number) => {
        const labels = names.map((agent) => ({ agent, model: help }));
        const metrics: Metric[] = [
          {
            type: "gauge",
            name: "a",
            help,
            samples: labels.map((each) => ({ labels: each, value: number })),
          },
          {
            type: "histogram",
            name: "b",
            help: "",
            bounds: [1],
            samples: labels.map((each) => ({ labels: each, counts: [1, 1], sum: 2 })),
          },
        ];
        const samples = parseExposition(exposition(metrics)).get("a")?.samples ?? [];
        const wanted = names.map((name) => [name.toWellFormed(), number === 0 ? 0 : number]);
        expect(samples.map((sample) => [sample.labels.agent, sample.value])).toEqual(wanted);
      },
    ),
    { numRuns: 50 },
  );
}, 30_000);
