import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketOf, Histogram, upperBound } from "./buckets.ts";

/** The longest wait in the queue that may be set, ms. */
const LONGEST = 86_400_000;

const times = fc.array(fc.double({ min: 0, max: LONGEST, noNaN: true }), { minLength: 1, maxLength: 200 });

test("every time is in its bucket and in no other", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: LONGEST, noNaN: true }), (ms) => {
      const bucket = bucketOf(ms);
      // A logarithm is not exact to the last bit.
      expect(ms).toBeLessThanOrEqual(upperBound(bucket) * (1 + 1e-12));
      if (bucket > 0) expect(ms).toBeGreaterThan(upperBound(bucket - 1) * (1 - 1e-12));
    }),
  );
});

test("a percentile lies in the bucket of the time that sorting finds", () => {
  fc.assert(
    fc.property(times, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
      const histogram = new Histogram();
      for (const ms of all) histogram.add(ms);
      const sorted = all.toSorted((a, b) => a - b);
      const truth = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      const [found] = histogram.percentiles([share]);
      expect(bucketOf((found ?? 0) * (1 - 1e-12))).toBe(bucketOf(truth));
    }),
  );
});

test("histograms of parts, packed and merged in any order, are the histogram of all", () => {
  fc.assert(
    fc.property(fc.array(times, { maxLength: 5 }), (parts) => {
      const all = new Histogram();
      for (const ms of parts.flat()) all.add(ms);
      const merged = new Histogram();
      for (const part of parts.toReversed()) {
        const histogram = new Histogram();
        for (const ms of part) histogram.add(ms);
        merged.merge(histogram.pack());
      }
      expect(merged.pack()).toEqual(all.pack());
    }),
  );
});

test("what was never measured has no percentile, and what is longer than all buckets is in the last", () => {
  expect(new Histogram().percentiles([0.5, 0.99])).toEqual([null, null]);
  const histogram = new Histogram();
  histogram.add(1e12);
  expect(histogram.percentiles([0.5])[0]).toBeLessThanOrEqual(2 ** 27);
});
