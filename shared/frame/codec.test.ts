import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { decode, encode, fits, HEADER_BYTES } from "./codec.ts";
import { FrameError } from "./error.ts";
import { anyFrame } from "./testing/arbitrary.ts";
import { naiveDecode, naiveEncode } from "./testing/naive-codec.ts";
import { FRAME, type Frame, MAX_PAYLOAD } from "./types.ts";

const messages = fc.array(anyFrame, { minLength: 1, maxLength: 5 }).filter((frames) => frames.every(fits));

/** What comes over the wire: -0 and undefined members do not survive JSON. */
function asSent(frame: Frame): Frame {
  if (!("json" in frame) || frame.json === undefined) return frame;
  return { ...frame, json: JSON.parse(JSON.stringify(frame.json)) };
}

/** The frames, or the text of the FrameError; any other error is the test's failure. */
function outcome(message: Uint8Array): Frame[] | string {
  try {
    return decode(message);
  } catch (error) {
    if (error instanceof FrameError) return error.message;
    throw error;
  }
}

function frame(
  type: number,
  stream: number,
  payload: readonly number[],
  length = payload.length,
): Uint8Array {
  const header = [type, stream >>> 24, stream >>> 16, stream >>> 8, stream];
  return Uint8Array.from([...header, length >>> 16, length >>> 8, length, ...payload]);
}

const utf8 = (text: string): number[] => Array.from(new TextEncoder().encode(text));

describe("TN5: frame layout", () => {
  test("TN5: what is encoded is byte for byte what the naive codec says, and comes back", () => {
    fc.assert(
      fc.property(messages, (frames) => {
        const message = encode(frames);
        expect(Buffer.from(message).equals(Buffer.from(naiveEncode(frames)))).toBe(true);
        expect(decode(message)).toEqual(frames.map(asSent));
      }),
      { numRuns: 300 },
    );
  });

  test("TN5: frames that are encoded already go first and unchanged", () => {
    fc.assert(
      fc.property(messages, messages, (first, second) => {
        expect(
          encode(
            second,
            first.map((one) => encode([one])),
          ),
        ).toEqual(encode([...first, ...second]));
      }),
      { numRuns: 50 },
    );
  });

  test("DATA payloads are views into the message, not copies", () => {
    const message = encode([{ type: "data", stream: 7, bytes: Uint8Array.of(1, 2, 3) }]);
    const [first] = decode(message);
    expect(first?.type === "data" && first.bytes.buffer).toBe(message.buffer);
  });

  test("a frame that is larger than its type allows is not encoded", () => {
    const large: Frame = { type: "data", stream: 1, bytes: new Uint8Array(LIMITS.data_bytes + 1) };
    expect(fits(large)).toBe(false);
    expect(() => encode([large])).toThrow(FrameError);
  });
});

describe("TN6: strict decoding", () => {
  test("TN6: every truncation of a message decodes as the naive codec does or is a FrameError", () => {
    fc.assert(
      fc.property(messages, fc.double({ min: 0, max: 1, noNaN: true }), (frames, share) => {
        const whole = encode(frames);
        const cut = whole.subarray(0, Math.floor(share * whole.length));
        const got = outcome(cut);
        const expected = naiveDecode(Array.from(cut));
        if (expected === undefined) expect(got).toBeTypeOf("string");
        else expect(got).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("TN6: every flip of bits decodes to something valid within the limits or is a FrameError", () => {
    fc.assert(
      fc.property(
        messages,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 }),
        (frames, flips) => {
          const message = encode(frames);
          for (const [at, mask] of flips) {
            // Half of the flips hit the first header: in the middle of a payload they say little.
            const index = at % 2 === 0 ? (at >>> 1) % HEADER_BYTES : (at >>> 1) % message.length;
            message[index] = (message[index] ?? 0) ^ mask;
          }
          const got = outcome(message);
          if (typeof got === "string") return;
          expect(got).toEqual(naiveDecode(Array.from(message)));
          for (const one of got) {
            expect(fits(one)).toBe(true);
            expect((one.stream === 0) === FRAME[one.type] < 16).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("TN6: random bytes are a FrameError or valid, never anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const got = outcome(bytes);
        const expected = naiveDecode(Array.from(bytes));
        if (expected === undefined) expect(got).toBeTypeOf("string");
        else expect(got).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test("TN6: a declared length beyond the type's limit is refused before its payload is there", () => {
    for (const [name, type] of Object.entries(FRAME)) {
      const limit = MAX_PAYLOAD[decodedName(name)];
      const message = frame(type, type < 16 ? 0 : 1, [], limit + 1);
      expect(() => decode(message)).toThrow(`${name} frame of ${limit + 1} bytes, at most ${limit}`);
    }
  });

  test.each<[string, Uint8Array]>([
    ["empty message", new Uint8Array(0)],
    ["header cut after 7 bytes", frame(FRAME.done, 1, []).subarray(0, 7)],
    ["unknown frame type 0", frame(0, 1, [])],
    ["unknown frame type 23", frame(23, 1, [])],
    ["data frame of 5 bytes cut after 2", frame(FRAME.data, 1, [1, 2], 5)],
    ["data frame on stream 0", frame(FRAME.data, 0, [1])],
    ["state frame on stream 9", frame(FRAME.state, 9, utf8("{}"))],
    ["empty data frame", frame(FRAME.data, 1, [])],
    ["credit frame of 9 bytes, must be 10", frame(FRAME.credit, 1, [0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ["end frame of 5 bytes, at least 6", frame(FRAME.end, 1, [0, 0, 0, 0, 0])],
    ["reset frame with unknown code (none)", frame(FRAME.reset, 1, [])],
    ["reset frame with unknown code 11", frame(FRAME.reset, 1, [11])],
    ["request frame is not JSON", frame(FRAME.request, 1, [])],
    ["request frame is not JSON", frame(FRAME.request, 1, utf8("{"))],
    ["response frame is not JSON", frame(FRAME.response, 1, [0x22, 0xff, 0x22])],
    ["state frame is not JSON", frame(FRAME.state, 0, [0xef, 0xbb, 0xbf, ...utf8("{}")])],
    [
      "state frame is nested deeper than 32",
      frame(FRAME.state, 0, utf8(`${"[".repeat(33)}${"]".repeat(33)}`)),
    ],
    [
      "state frame is nested deeper than 32",
      frame(FRAME.state, 0, utf8(`${'{"a":'.repeat(40)}1${"}".repeat(40)}`)),
    ],
  ])("TN6: %s", (text, message) => {
    expect(() => decode(message)).toThrow(new FrameError(text));
  });

  test("TN6: a message of more than 2 MiB is refused whole", () => {
    expect(() => decode(new Uint8Array(LIMITS.message_bytes + 1))).toThrow("at most 2097152");
  });

  test("TN6: a good frame before a bad one is not acted on", () => {
    const good = frame(FRAME.done, 1, []);
    const message = Uint8Array.from([...good, ...frame(99, 1, [])]);
    expect(() => decode(message)).toThrow(FrameError);
  });
});

function decodedName(name: string): Frame["type"] {
  for (const type of Object.keys(FRAME) as Frame["type"][]) if (type === name) return type;
  throw new Error(`no frame type ${name}`);
}
