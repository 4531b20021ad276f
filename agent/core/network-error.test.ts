import { expect, test } from "vitest";
import { networkFailure } from "./network-error.ts";
import { proxyRoute } from "./proxy.ts";

const URL_THERE = new URL("https://c.example/healthz");

test("what a SOCKS proxy refuses is the proxy's doing", () => {
  const options = { proxy: { host: "p.example" }, destination: { host: "c.example" } };
  const error = Object.assign(new Error("Socks5 proxy rejected connection - NotAllowed"), { options });
  expect(networkFailure(error, URL_THERE, "socks5://p.example:1080")).toEqual({
    step: "proxy",
    message: expect.stringContaining(
      "socks5://p.example:1080 (Socks5 proxy rejected connection - NotAllowed)",
    ),
  });
});

test("a proxy's password is not told, however wrong its URL is", async () => {
  const error = new Error("Unsupported protocol for proxy URL: gopher://me:my-secret@p.example");
  expect(networkFailure(error, URL_THERE, "gopher://p.example").message).toContain("gopher://p.example)");
  const { proxyFor } = await proxyRoute({ HTTPS_PROXY: "http://me:my/secret@p.example:1" });
  expect(proxyFor(URL_THERE)).toBe("http://p.example:1");
});
