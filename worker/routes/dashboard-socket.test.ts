import { expect, test } from "vitest";
import { createApp } from "../app.ts";
import type { Viewer } from "../coordinator/feed/page.ts";
import { decodeViewer, encodeViewer } from "../edge/wire.ts";
import { ADMIN_TOKEN, bench, signIn, tokenOf } from "./management/testing/bench.ts";

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

test("a feed knows of which session it is, also behind the edge", async () => {
  const on = await bench();
  const viewers: Viewer[] = [];
  on.host.acceptDashboard = async (_c, viewer) => {
    viewers.push(viewer);
    return new Response("accepted");
  };
  const app = createApp(() => on.host);
  const { cookie } = await signIn(on);
  const origin = "https://ai.example";
  await app.request(`${origin}/ws/dashboard`, { headers: { upgrade: "websocket", origin, cookie } });
  const authorization = `Bearer ${ADMIN_TOKEN}`;
  await app.request(`${origin}/ws/dashboard`, { headers: { upgrade: "websocket", authorization } });
  expect(viewers).toEqual([
    { token_id: null, until: expect.any(Number), session_id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    { token_id: null, until: null },
  ]);
  expect(viewers.map((viewer) => decodeViewer(encodeViewer(viewer)))).toEqual(viewers);
});
