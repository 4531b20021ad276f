import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { Bench } from "../coordinator/testing/bench.ts";
import { DashboardSockets } from "./dashboard-sockets.ts";

async function serve(): Promise<{ bench: Bench; dial: () => Promise<WebSocket> }> {
  const bench = new Bench();
  const sockets = new DashboardSockets(bench.brain.feed);
  const server = createServer();
  server.on("upgrade", (incoming, socket, head) => {
    sockets.accept(incoming, socket, head, { token_id: null, until: null });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const dial = async (): Promise<WebSocket> => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}`);
    onTestFinished(() => ws.terminate());
    await once(ws, "open");
    return ws;
  };
  return { bench, dial };
}

test("a page's ping frame is answered", async () => {
  const { dial } = await serve();
  const ws = await dial();
  ws.ping("hello");
  const [data] = await once(ws, "pong");
  expect(String(data)).toBe("hello");
});

test("a page whose connection breaks, or that breaks the protocol, is a page no more", async () => {
  const { bench, dial } = await serve();
  const [broken, large] = [await dial(), await dial()];
  await vi.waitUntil(() => bench.brain.feed.pages === 2);
  broken.terminate();
  large.send("x".repeat(5_000));
  const [code] = await once(large, "close");
  expect(code).toBe(1009);
  await vi.waitUntil(() => bench.brain.feed.pages === 0);
});
