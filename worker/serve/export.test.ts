import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { createApp } from "../app.ts";
import { ADMIN_TOKEN, bench } from "../routes/management/testing/bench.ts";
import { createHttpServer } from "./http-server.ts";
import { MemoryHistory, request } from "./sqlite/testing/memory-history.ts";

/** A server over a history of so many requests, each of which is 4 KB. */
async function serve(count: number): Promise<{ memory: MemoryHistory; url: string; server: Server }> {
  const memory = new MemoryHistory();
  const endpoint = "x".repeat(4_000);
  for (let from = 0; from < count; from += 1_000) {
    await memory.write(...Array.from({ length: 1_000 }, (_, n) => request(from + n, { endpoint })));
  }
  const { host } = await bench();
  host.history = memory.history;
  const server = createHttpServer(createApp(() => host));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    memory.database.close();
  });
  const { port } = server.address() as AddressInfo;
  return { memory, url: `http://127.0.0.1:${port}/api/admin/requests/export?format=ndjson`, server };
}

const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };

test("an export whose history goes away in the middle resets the connection", async () => {
  const { memory, url } = await serve(10_000);
  const response = await fetch(url, { headers });
  expect(response.status).toBe(200);
  const reader = response.body?.getReader();
  await reader?.read();
  memory.away = true;
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => logged.mockRestore());
  const rest = async (): Promise<void> => {
    while ((await reader?.read())?.done === false);
  };
  await expect(rest()).rejects.toThrow();
});

test("an export waits for a client that does not read, and reads no page for one that has left", async () => {
  const { memory, url, server } = await serve(10_000);
  memory.journal.length = 0;
  const leaving = new AbortController();
  const [response, [, outgoing]] = await Promise.all([
    fetch(url, { headers, signal: leaving.signal }),
    once(server, "request") as Promise<[IncomingMessage, ServerResponse]>,
  ]);
  expect(response.status).toBe(200);
  // As much as the sockets take, and then no more: all of it would be 40 MB in 20 pages.
  await vi.waitUntil(() => outgoing.writableNeedDrain, { timeout: 10_000 });
  const read = memory.journal.length;
  expect(read).toBeLessThan(15);
  leaving.abort();
  await once(outgoing, "close");
  await new Promise(setImmediate);
  expect(memory.journal.length).toBeLessThanOrEqual(read + 1);
});
