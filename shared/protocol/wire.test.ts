import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { decode, encode } from "../frame/codec.ts";
import { FRAME, type Frame, type FrameName, MAX_PAYLOAD } from "../frame/types.ts";
import { CLOSE_CODES, RESET_CODES } from "./codes.ts";
import { LIMITS } from "./limits.ts";
import { agentState, answerStats, hello, requestHead, responseHead, welcome } from "./messages.ts";
import { VERSION_MAX } from "./version.ts";

/**
 * The wire as it was released. When a test here fails, an agent in the field no longer understands the coordinator: add a
 * version (VERSION_MAX) with a record of its own and keep the old ones, or take the change back. Only what an old peer
 * takes and says as before, such as a new optional key, may change a record in place.
 */
interface Wire {
  frames: Record<FrameName, string>;
  /** SHA-256 of the JSON schemas. */
  messages: string;
  /** SHA-256 of codes and of the limits that a peer has to keep. */
  numbers: string;
}

const WIRES = new Map<number, Wire>([
  [
    1,
    {
      frames: {
        hello: "010000000000000e7b2261223a5b312c22c3a4225d7d",
        welcome: "020000000000000e7b2261223a5b312c22c3a4225d7d",
        state: "030000000000000e7b2261223a5b312c22c3a4225d7d",
        request: "10010203ff00000e7b2261223a5b312c22c3a4225d7d",
        response: "11010203ff00000e7b2261223a5b312c22c3a4225d7d",
        data: "12010203ff0000040001feff",
        credit: "13010203ff00000a0102030405ff00040000",
        end: "14010203ff0000190102030405ff7b2270726f6d70745f746f6b656e73223a337d",
        reset: "15010203ff00000104",
        done: "16010203ff000000",
      },
      messages: "c1ee1eec654bd91eb71644aa2bde68e1a969e6df56304b79207fb82d2655ab60",
      numbers: "538768f2684e652059f971a09e30620bc613119f3c40a4f4ee56764a5c3e2a86",
    },
  ],
]);

const json = { a: [1, "ä"] };
const stream = 0x0102_03ff;
const SAMPLES: Record<FrameName, Frame> = {
  hello: { type: "hello", stream: 0, json },
  welcome: { type: "welcome", stream: 0, json },
  state: { type: "state", stream: 0, json },
  request: { type: "request", stream, json },
  response: { type: "response", stream, json },
  data: { type: "data", stream, bytes: Uint8Array.of(0, 1, 254, 255) },
  credit: { type: "credit", stream, consumed: 0x0102_0304_05ff, window: 262_144 },
  end: { type: "end", stream, total: 0x0102_0304_05ff, json: { prompt_tokens: 3 } },
  reset: { type: "reset", stream, code: RESET_CODES.ollama_cut },
  done: { type: "done", stream },
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const sha256 = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");

function current(): Wire {
  const frames = { ...EMPTY };
  for (const name of Object.keys(FRAME) as FrameName[]) frames[name] = hex(encode([SAMPLES[name]]));
  const schemas = { hello, welcome, agentState, requestHead, responseHead, answerStats };
  return {
    frames,
    messages: sha256(Object.entries(schemas).map(([name, schema]) => [name, z.toJSONSchema(schema)])),
    numbers: sha256([
      FRAME,
      MAX_PAYLOAD,
      RESET_CODES,
      CLOSE_CODES,
      LIMITS.message_bytes,
      LIMITS.window_bytes,
      LIMITS.window_floor_bytes,
      LIMITS.request_window_bytes,
      LIMITS.streams_per_agent,
      LIMITS.json_depth,
    ]),
  };
}

const EMPTY: Record<FrameName, string> = {
  hello: "",
  welcome: "",
  state: "",
  request: "",
  response: "",
  data: "",
  credit: "",
  end: "",
  reset: "",
  done: "",
};

describe("the wire", () => {
  test("TN3: it does not change without a new version", () => {
    expect(current()).toEqual(WIRES.get(VERSION_MAX));
  });

  test("TN3: frames of every version that was released are still read", () => {
    for (const { frames } of WIRES.values()) {
      for (const [name, golden] of Object.entries(frames)) {
        expect(decode(Buffer.from(golden, "hex")).map(({ type }) => type)).toEqual([name]);
      }
    }
  });
});
