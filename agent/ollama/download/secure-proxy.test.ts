import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type LoggingProxy, startHttpProxy } from "../../../test/support/http-proxy.ts";
import { SELF_SIGNED } from "../../../test/support/self-signed.ts";
import { startSocksProxy } from "../../../test/support/socks-proxy.ts";
import { proxyRoute } from "../../core/proxy.ts";
import { ImpatientClock } from "../../testing/impatient-clock.ts";
import { download } from "./download.ts";

const BODY = Buffer.from("0123456789".repeat(1_000));
const ACCOUNT = { user: "me", password: "secret" };
const authorities = getCACertificates("default");
beforeAll(() => setDefaultCACertificates([...authorities, SELF_SIGNED.cert]));
afterAll(() => setDefaultCACertificates(authorities));

let dir: string;
let server: Server;
let port: number;
const clock = new ImpatientClock(30_000);
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "secure-proxy-test-"));
  clock.waits.length = 0;
  server = createServer({ ...SELF_SIGNED }, (_request, response) => response.end(BODY));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  port = address.port;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  await rm(dir, { recursive: true, force: true });
});

async function fetched(proxyUrl: string): Promise<void> {
  await download(
    {
      url: new URL(`https://127.0.0.1:${port}/x`),
      file: join(dir, "x"),
      sha256: undefined,
      size: BODY.length,
    },
    {
      clock,
      proxy: await proxyRoute({ ALL_PROXY: proxyUrl }),
      signal: new AbortController().signal,
      credentials: undefined,
      retry: { maxRetries: 1, maxBackoffSecs: 60 },
      onProblem: () => {},
      onBytes: () => {},
      onVerify: () => {},
    },
  );
}

const PROXIES: Array<[string, () => Promise<LoggingProxy>]> = [
  ["an HTTP proxy", () => startHttpProxy(ACCOUNT)],
  ["a SOCKS5 proxy", () => startSocksProxy(ACCOUNT)],
];

test.each(PROXIES)("over https, %s gets a tunnel and sees nothing else", async (_name, start) => {
  const proxy = await start();
  await fetched(proxy.url);
  expect(await readFile(join(dir, "x"))).toEqual(BODY);
  expect(proxy.log).toEqual([{ user: "me", target: `127.0.0.1:${port}`, tunnel: true }]);
  await proxy.close();
});

test.each(PROXIES)("over https, %s that refuses the password is told at once", async (_name, start) => {
  const proxy = await start();
  const error = await fetched(proxy.url.replace("secret", "other")).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: "network", message: expect.stringContaining("proxy") });
  expect(error.message).not.toContain("other");
  expect(clock.waits).toEqual([]);
  await proxy.close();
});
