import { expect, test } from "vitest";
import { proxyRoute } from "./proxy.ts";
import { type Env, proxyFromEnv } from "./proxy-env.ts";

const proxy = (env: Env, url: string) => proxyFromEnv(env, new URL(url));

test("the tunnel uses the proxy of its scheme: wss that of https, ws that of http", () => {
  const env = { HTTPS_PROXY: "http://secure:1", http_proxy: "http://plain:2" };
  expect(proxy(env, "wss://c.example/ws")).toBe("http://secure:1");
  expect(proxy(env, "https://c.example/")).toBe("http://secure:1");
  expect(proxy(env, "ws://c.example/")).toBe("http://plain:2");
});

test("ALL_PROXY is the last resort, and a proxy without scheme is an http one", () => {
  expect(proxy({ ALL_PROXY: "socks5://s:1080" }, "https://c.example/")).toBe("socks5://s:1080");
  expect(proxy({ HTTPS_PROXY: "p:3128" }, "https://c.example/")).toBe("http://p:3128");
  expect(proxy({}, "https://c.example/")).toBeUndefined();
});

test.each([
  ["*", "https://c.example/", true],
  ["c.example", "https://c.example/", true],
  ["c.example", "https://a.c.example/", true],
  [".c.example", "https://a.c.example/", true],
  ["*.c.example", "https://a.c.example/", true],
  ["c.example", "https://bc.example/", false],
  ["c.example:8443", "https://c.example/", false],
  ["c.example:8443", "https://c.example:8443/", true],
  ["other, 127.0.0.1", "http://127.0.0.1:8080/", true],
  ["127.0.0.0/8", "http://127.1.2.3/", true],
  ["10.0.0.0/8", "http://127.0.0.1/", false],
  ["::1", "http://[::1]:8080/", true],
  ["localhost", "http://127.0.0.1/", false],
])("NO_PROXY=%s for %s: direct is %s", (list, url, direct) => {
  expect(proxy({ ALL_PROXY: "http://p:1", NO_PROXY: list }, url) === undefined).toBe(direct);
});

test("the proxy code is loaded only where a proxy is named, and its password is never shown", async () => {
  expect((await proxyRoute({ NO_PROXY: "x" })).agent).toBeUndefined();
  const route = await proxyRoute({ HTTPS_PROXY: "http://me:secret@p:3128/" });
  expect(route.agent).toBeDefined();
  expect(route.proxyFor(new URL("wss://c.example/"))).toBe("http://p:3128");
});
