import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { NodeClientSide } from "./node-client-side.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function answeredBy(answer: (side: NodeClientSide) => void): Promise<Response> {
  const server = createServer((_request, outgoing: ServerResponse) => {
    answer(new NodeClientSide(outgoing, { dialect: "native", requestId: "r", extraHeaders: [] }));
  }).listen(0, "127.0.0.1");
  closers.push(() => server.close());
  await once(server, "listening");
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("head, body and end in one turn arrive whole", async () => {
  const response = await answeredBy((side) => {
    side.head(200, [["content-type", "application/json"]]);
    side.write(bytes('{"a":1}'));
    side.end();
  });
  expect(await response.json()).toEqual({ a: 1 });
});

test("a failure after a cut line ends the line first and then says what happened", async () => {
  const response = await answeredBy((side) => {
    side.head(200, [["content-type", "application/x-ndjson"]]);
    side.write(bytes('{"a":1}\n{"b"'));
    side.fail("agent_lost", "lost");
  });
  expect(await response.text()).toBe('{"a":1}\n{"b"\n{"error":"lost","code":"agent_lost"}\n');
});

test("a failure of a single JSON answer resets the connection", async () => {
  const response = await answeredBy((side) => {
    side.head(200, [["content-type", "application/json"]]);
    side.write(bytes('{"a":'));
    setImmediate(() => side.fail("agent_lost", "lost"));
  });
  await expect(response.text()).rejects.toThrow();
});
