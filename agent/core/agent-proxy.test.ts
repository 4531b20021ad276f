import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LoggingProxy, startHttpProxy } from "../../test/support/http-proxy.ts";
import { startSocksProxy } from "../../test/support/socks-proxy.ts";
import { Bench } from "../testing/agent-bench.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { Journal } from "../testing/journal.ts";
import { proxyRoute } from "./proxy.ts";

const ACCOUNT = { user: "me", password: "p@ss:w/rd" };

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const PROXIES: Array<[string, string, () => Promise<LoggingProxy>, boolean]> = [
  ["an HTTP proxy", "HTTP_PROXY", () => startHttpProxy(ACCOUNT), false],
  ["a SOCKS5 proxy", "ALL_PROXY", () => startSocksProxy(ACCOUNT), true],
];

test.each(PROXIES)(
  "registration and tunnel go through %s with its user and password, which the coordinator does not see",
  async (_name, variable, start, socks) => {
    const proxy = await start();
    const { agent } = await bench.online({}, { proxy: await proxyRoute({ [variable]: proxy.url }) });
    const target = new URL(bench.coordinator.url).host;
    expect(proxy.log).toEqual([
      { user: "me", target, tunnel: socks },
      { user: "me", target, tunnel: true },
    ]);
    const upgrade = await bench.coordinator.journal.find((event) =>
      event.type === "upgrade" ? event : undefined,
    );
    expect(upgrade.headers["proxy-authorization"]).toBeUndefined();
    await agent.stop({ graceMs: 0 });
    await proxy.close();
  },
);

test.each(PROXIES)("a coordinator in NO_PROXY is reached without %s", async (_name, variable, start) => {
  const proxy = await start();
  await bench.online({}, { proxy: await proxyRoute({ [variable]: proxy.url, NO_PROXY: "127.0.0.1" }) });
  expect(proxy.log).toEqual([]);
  await proxy.close();
});

test.each(PROXIES)(
  "a tunnel that %s refuses says so without the password",
  async (_name, variable, start) => {
    const { agent, outcome } = await bench.online();
    await agent.stop({ graceMs: 0 });
    await outcome;
    const proxy = await start();
    const route = await proxyRoute({ [variable]: proxy.url.replace("me:", "you:") });
    void bench.agent({}, { proxy: route }).run();
    const reason = await bench.events.find((event) => (event.type === "retrying" ? event.reason : undefined));
    expect(reason).toMatch(
      /(cannot use )?the proxy (http|socks5):\/\/127\.0\.0\.1:\d+ ?(answered HTTP 407|\(Socks5 Authentication failed\))/,
    );
    expect(reason).not.toMatch(/p@ss|p%40ss|you:/);
    await proxy.close();
  },
);

test("a proxy that takes the connection and says nothing is given up after 10 s and named, at registration and in the tunnel", async () => {
  const { agent, outcome } = await bench.online();
  await agent.stop({ graceMs: 0 });
  await outcome;
  const taken = new Journal<Socket>();
  const mute = createServer(taken.push).listen(0, "127.0.0.1");
  await once(mute, "listening");
  const address = mute.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const proxy = await proxyRoute({ ALL_PROXY: `http://127.0.0.1:${address.port}` });

  // Known to its coordinator, it dials; not known to one behind https, it registers. Both need the proxy's word first.
  const ways = [{}, { stateDir: `${bench.stateDir}-2`, coordinatorUrl: "https://coordinator.example" }];
  for (const [index, options] of ways.entries()) {
    const clock = new FakeClock();
    bench.events.entries.length = 0;
    const stuck = bench.agent(options, { proxy, clock });
    const stopped = stuck.run();
    await taken.count(() => true, index + 1);
    clock.advance(10_000);
    const reason = await bench.events.find((event) => (event.type === "retrying" ? event.reason : undefined));
    expect(reason).toContain(`through the proxy http://127.0.0.1:${address.port} (nothing within 10 s)`);
    await stuck.stop({ graceMs: 0 });
    await stopped;
  }
  for (const socket of taken.entries) socket.destroy();
  mute.close();
  await once(mute, "close");
});
