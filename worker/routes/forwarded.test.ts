import { expect, test } from "vitest";
import type { ForwardedCall } from "../host.ts";
import { forwardedRoutes } from "./forwarded.ts";
import { bench } from "./management/testing/bench.ts";

/** The call that a request becomes. */
async function callOf(path: string, headers: Record<string, string>): Promise<ForwardedCall | undefined> {
  const { app, host } = await bench();
  let call: ForwardedCall | undefined;
  host.forward = async (_, asked) => {
    call = asked;
    return new Response("forwarded");
  };
  app.route("/", forwardedRoutes());
  await app.request(path, { method: "POST", headers, body: "{}" });
  return call;
}

test.each<[string, string, true | undefined]>([
  ["/v1/chat/completions", "1", true],
  ["/v1/messages", "1", true],
  ["/v1/responses", "1", true],
  ["/v1/chat/completions", "0", undefined],
  ["/v1/chat/completions", "true", undefined],
  ["/api/chat", "1", undefined],
  ["/api/show", "1", undefined],
  ["/api/pull", "1", undefined],
])("POST %s with x-coordinator-queue-events: %s", async (path, value, expected) => {
  const call = await callOf(path, { "x-coordinator-queue-events": value });
  expect(call).toMatchObject({ endpoint: path, queueEvents: expected });
  // It is for the coordinator: no machine hears of it.
  expect(call?.headers.map(([name]) => name)).not.toContain("x-coordinator-queue-events");
});
