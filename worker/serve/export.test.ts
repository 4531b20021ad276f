import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import type { RequestFilter } from "../../shared/api/requests.ts";
import { createApp } from "../app.ts";
import { ADMIN_TOKEN, bench, FakeHistory } from "../routes/management/testing/bench.ts";
import { createHttpServer } from "./http-server.ts";
import { request } from "./sqlite/testing/memory-history.ts";

/** Pages of an export, 2 MB each. */
const PAGES = 20;

/** A history of that many pages, which counts those that were read and can be told to be away. */
class LongHistory extends FakeHistory {
  pages = 0;

  override async list(_filter: RequestFilter, page: { limit: number }) {
    if (this.away) throw new Error("D1_ERROR: away");
    const items = Array.from({ length: page.limit }, (_, n) => request(n, { endpoint: "x".repeat(4_000) }));
    return { items, next_cursor: ++this.pages < PAGES ? "more" : null };
  }
}

async function serve(): Promise<{ history: LongHistory; url: string; server: Server }> {
  const history = new LongHistory();
  const { host } = await bench();
  host.history = history;
  const server = createHttpServer(createApp(() => host));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { history, url: `http://127.0.0.1:${port}/api/admin/requests/export?format=ndjson`, server };
}

const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };

test("an export whose history goes away in the middle resets the connection", async () => {
  const { history, url } = await serve();
  const response = await fetch(url, { headers });
  expect(response.status).toBe(200);
  const reader = response.body?.getReader();
  await reader?.read();
  history.away = true;
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => logged.mockRestore());
  const rest = async (): Promise<void> => {
    while ((await reader?.read())?.done === false);
  };
  await expect(rest()).rejects.toThrow();
});

test("an export waits for a client that does not read, and reads no page for one that has left", async () => {
  const { history, url, server } = await serve();
  const leaving = new AbortController();
  const [response, [, outgoing]] = await Promise.all([
    fetch(url, { headers, signal: leaving.signal }),
    once(server, "request") as Promise<[IncomingMessage, ServerResponse]>,
  ]);
  expect(response.status).toBe(200);
  // As much as the sockets take, and then no more: all of it would be 40 MB.
  await vi.waitUntil(() => outgoing.writableNeedDrain, { timeout: 10_000 });
  const read = history.pages;
  expect(read).toBeLessThan(PAGES);
  leaving.abort();
  await once(outgoing, "close");
  await new Promise(setImmediate);
  expect(history.pages).toBeLessThanOrEqual(read + 1);
});
