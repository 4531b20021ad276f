import { afterEach, beforeEach, expect, test } from "vitest";
import { type LoggingProxy, startHttpProxy } from "../../test/support/http-proxy.ts";
import { startSocksProxy } from "../../test/support/socks-proxy.ts";
import { Bench } from "../testing/agent-bench.ts";
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
