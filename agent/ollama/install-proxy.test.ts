import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LoggingProxy, startHttpProxy } from "../../test/support/http-proxy.ts";
import { makeRelease } from "../../test/support/releases/releases.ts";
import { startSocksProxy } from "../../test/support/socks-proxy.ts";
import { proxyRoute } from "../core/proxy.ts";
import { InstallBench, runBinary } from "../testing/install-bench.ts";
import { Journal } from "../testing/journal.ts";

const ACCOUNT = { user: "me", password: "p@ss:w/rd" };
const release = await makeRelease("0.32.1");

let bench: InstallBench;
beforeEach(async () => {
  bench = await InstallBench.open({ releases: [release], faults: { redirect: "other" } });
});
afterEach(() => bench.close());

const PROXIES: Array<[string, string, () => Promise<LoggingProxy>, boolean]> = [
  ["an HTTP proxy", "HTTP_PROXY", () => startHttpProxy(ACCOUNT), false],
  ["a SOCKS5 proxy", "ALL_PROXY", () => startSocksProxy(ACCOUNT), true],
];

test.each(PROXIES)(
  "look-up and download go through %s with its user and password, and nobody else gets those",
  async (_name, variable, start, tunnel) => {
    const proxy = await start();
    const installed = await bench.install({}, { proxy: await proxyRoute({ [variable]: proxy.url }) });
    expect(await runBinary(installed)).toContain("0.32.1");
    const entry = (target: string) => ({ user: "me", target, tunnel });
    expect(proxy.log).toEqual([
      entry(bench.server.host),
      entry(bench.server.host),
      entry(bench.server.storageHost),
    ]);
    for (const { headers } of bench.server.journal.entries) {
      expect(headers["proxy-authorization"]).toBeUndefined();
      expect(headers.authorization).toBeUndefined();
    }
    await proxy.close();
  },
);

test.each(PROXIES)("hosts in NO_PROXY are reached without %s", async (_name, variable, start, tunnel) => {
  const proxy = await start();
  const route = await proxyRoute({ [variable]: proxy.url, NO_PROXY: bench.server.storageHost });
  await bench.install({}, { proxy: route });
  expect(proxy.log).toEqual(new Array(2).fill({ user: "me", target: bench.server.host, tunnel }));
  await proxy.close();
});

test.each(PROXIES)(
  "%s that refuses the password is one clear error, at once and without the password",
  async (_name, variable, start) => {
    const proxy = await start();
    const url = proxy.url.replace("me:", "you:");
    const route = await proxyRoute({ [variable]: url });
    const error = await bench.install({}, { proxy: route }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "network", message: expect.stringMatching(/proxy .*127\.0\.0\.1/) });
    expect(error.message).not.toMatch(/p@ss|p%40ss|you/);
    expect(proxy.log).toHaveLength(1);
    expect(bench.clock.waits).toEqual([]);
    expect(bench.server.journal.entries).toEqual([]);
    await proxy.close();
  },
);

test.each(PROXIES)(
  "%s that is gone is tried again, and named without its password",
  async (_name, variable, start) => {
    const proxy = await start();
    await proxy.close();
    const route = await proxyRoute({ [variable]: proxy.url });
    const error = await bench
      .install({ OLLAMA_DOWNLOAD_MAX_RETRIES: "2" }, { proxy: route })
      .catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: "network",
      message: expect.stringContaining("cannot use the proxy"),
    });
    expect(error.message).not.toMatch(/p@ss|p%40ss/);
    expect(bench.clock.waits).toEqual([1_000, 2_000]);
  },
);

test.each(PROXIES)("a download that %s cuts goes on where it ended", async (_name, variable, start) => {
  const proxy = await start();
  bench.server.faults = { cut: { at: 0.9 } };
  await bench.install({}, { proxy: await proxyRoute({ [variable]: proxy.url }) });
  const [first, second] = bench.server.downloads();
  expect(first?.from).toBe(0);
  expect(second?.headers.range ?? "bytes=0-").toBe(`bytes=${second?.from}-`);
  expect(bench.clock.waits).toEqual([1_000]);
  await proxy.close();
});

test("a proxy that takes the connection and says nothing is given up after 30 s, and at once on request", async () => {
  const taken = new Journal<Socket>();
  const mute = createServer(taken.push).listen(0, "127.0.0.1");
  await once(mute, "listening");
  const address = mute.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const proxy = await proxyRoute({ ALL_PROXY: `http://127.0.0.1:${address.port}` });
  // Only https needs the proxy's word before the request is under way.
  const installing = bench.install({ OLLAMA_RELEASES_URL: "https://mirror.example/releases" }, { proxy });
  const ended = expect(installing).rejects.toMatchObject({ code: "aborted" });
  await taken.count(() => true, 1);
  bench.clock.advance(30_000);
  await taken.count(() => true, 2);
  expect(bench.clock.waits).toEqual([1_000]);
  bench.abort.abort();
  await ended;
  for (const socket of taken.entries) socket.destroy();
  mute.close();
  await once(mute, "close");
});
