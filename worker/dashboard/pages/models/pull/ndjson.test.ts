import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonLines } from "./ndjson.ts";

function streamOf(...pieces: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start: (controller) => {
      for (const piece of pieces) {
        controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      }
      controller.close();
    },
  });
}

async function all(stream: ReadableStream<Uint8Array>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const line of jsonLines(stream)) found.push(line);
  return found;
}

test("lines come out whole, wherever the stream was cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ status: fc.string({ unit: "grapheme" }) }), { maxLength: 5 }),
      fc.array(fc.nat(200), { maxLength: 5 }),
      async (values, cuts) => {
        const bytes = new TextEncoder().encode(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
        const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, index) => bytes.slice(at[index], end));
        expect(await all(streamOf(...pieces))).toEqual(values);
      },
    ),
    { numRuns: 50 },
  );
});

test("a last line without its end counts, empty ones do not", async () => {
  expect(await all(streamOf("1\n\n", " \n2"))).toEqual([1, 2]);
});

test("whoever stops reading lets the stream go", async () => {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("1\n")),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const _line of jsonLines(stream)) break;
  expect(cancelled).toBe(true);
});
