import fc from "fast-check";
import { RESET_CODES } from "../../protocol/codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { Frame } from "../types.ts";

const U48 = 2 ** 48 - 1;
const U32 = 2 ** 32 - 1;

/** Numbers as they are, and those at which a byte or a sign bit carries. */
const around = (max: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: 0, max }),
    fc.constantFrom(
      ...[0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, U32, 2 ** 32, 2 ** 47, U48].filter(
        (n) => n <= max,
      ),
    ),
  );

const streamId = around(U32).map((id) => Math.max(1, id));
const json = fc.jsonValue({ maxDepth: 3 });

export const dataFrame: fc.Arbitrary<Frame> = fc.record({
  type: fc.constant("data" as const),
  stream: streamId,
  bytes: fc.oneof(
    { weight: 9, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 60 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(LIMITS.data_bytes - 1, LIMITS.data_bytes).map((n) => new Uint8Array(n)),
    },
  ),
});

/** Any frame that the codec takes; JSON payloads are arbitrary values, not messages of the protocol. */
export const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  dataFrame,
  fc.record({
    type: fc.constantFrom("hello" as const, "welcome" as const, "state" as const),
    stream: fc.constant(0),
    json,
  }),
  fc.record({ type: fc.constantFrom("request" as const, "response" as const), stream: streamId, json }),
  fc.record({
    type: fc.constant("credit" as const),
    stream: streamId,
    consumed: around(U48),
    window: around(U32),
  }),
  fc.record({
    type: fc.constant("end" as const),
    stream: streamId,
    total: around(U48),
    json: fc.option(fc.dictionary(fc.string({ maxLength: 8 }), fc.integer(), { maxKeys: 4 }), {
      nil: undefined,
    }),
  }),
  fc.record({
    type: fc.constant("reset" as const),
    stream: streamId,
    code: fc.constantFrom(...Object.values(RESET_CODES)),
  }),
  fc.record({ type: fc.constant("done" as const), stream: streamId }),
);
