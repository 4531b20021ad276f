import { describe, expect, test } from "vitest";
import { LIMITS } from "./limits.ts";
import { agentState, hello, issueOf, requestHead, responseHead } from "./messages.ts";

const HELLO = {
  version: { min: 1, max: 1 },
  agent_version: "0.1.0",
  instance_id: "12345678",
  machine_hash: "12345678",
  machine_name: "m",
  allow_manage: false,
  state: {},
  streams: [],
};
const REQUEST = { method: "POST", path: "/api/chat?x=1", headers: [], content_length: -1, window: 65_536 };

describe("messages", () => {
  test("TN4: keys that this version does not know are dropped", () => {
    expect(hello.parse({ ...HELLO, future: 1 })).toEqual(HELLO);
    expect(requestHead.parse({ ...REQUEST, future: 1 })).toEqual(REQUEST);
  });

  test("TN4: what Ollama says of a model is passed on with every field, but no prototype", () => {
    const text = '{"models":[{"name":"m","future":[1],"__proto__":{"polluted":1}}]}';
    const parsed = agentState.parse(JSON.parse(text));
    expect(parsed.models).toEqual([{ name: "m", future: [1] }]);
    expect(Object.getPrototypeOf(parsed.models?.[0])).toBe(Object.prototype);
  });

  test.each([
    ["more streams than an agent has", { streams: Array(LIMITS.streams_per_agent + 1).fill({}) }],
    ["a stream 0", { streams: [{ id: 0, received: 0, consumed: 0, ended: false, head: true }] }],
    ["a negative offset", { streams: [{ id: 1, received: -1, consumed: 0, ended: false, head: true }] }],
    ["half a byte", { streams: [{ id: 1, received: 0.5, consumed: 0, ended: false, head: true }] }],
    ["no version", { version: { min: 0, max: 1 } }],
    ["more models than fit", { state: { models: Array(LIMITS.models + 1).fill({ name: "m" }) } }],
    ["more percent than there are", { state: { cpu_usage: 101 } }],
  ])("TN6: a HELLO with %s is refused", (_, change) => {
    expect(hello.safeParse({ ...HELLO, ...change }).success).toBe(false);
  });

  test.each(["", "api", "//host/x", "/\\host/x", "/a b", "/a\r\nb", "/\u00e4", `/${"a".repeat(2_048)}`])(
    "TN18: a request's path may not be %j",
    (path) => {
      expect(requestHead.safeParse({ ...REQUEST, path }).success).toBe(false);
    },
  );

  test("TN18: a path is passed on as it is, encoded characters and all", () => {
    const path = "/api/blobs/sha256:ab%20c?x='[]&y=%2F%2F";
    expect(requestHead.parse({ ...REQUEST, path }).path).toBe(path);
  });

  test("a reason for the peer names the place and what was wrong, not the value", () => {
    const result = responseHead.safeParse({ status: 99, headers: [] });
    expect(result.error && issueOf(result.error)).toMatch(/^status: /);
  });
});
