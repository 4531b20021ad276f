import { expect, test } from "vitest";
import { createApp } from "../app.ts";
import { ADMIN_TOKEN, bench, tokenOf } from "./management/testing/bench.ts";

test.each<[string, number, Record<string, string>]>([
  ["/ws/dashboard", 426, {}],
  ["/ws/dashboard", 401, { upgrade: "websocket" }],
  ["/ws/dashboard", 401, { upgrade: "websocket", authorization: `Bearer ${tokenOf("key", 4)}` }],
  [
    "/ws/dashboard",
    403,
    { upgrade: "websocket", authorization: `Bearer ${ADMIN_TOKEN}`, origin: "https://evil.example" },
  ],
  ["/ws/agent", 426, {}],
  ["/ws/agent", 400, { upgrade: "websocket" }],
])(
  "%s that is refused with %i is nothing that a browser may guess at or keep",
  async (path, status, headers) => {
    const { host } = await bench();
    const answer = await createApp(() => host).request(path, { headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    if (status === 401 || status === 403) expect(answer.headers.get("cache-control")).toBe("no-store");
  },
);
