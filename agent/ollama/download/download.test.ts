import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer, Agent as HttpsAgent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sha256 } from "../../../test/support/releases/archive.ts";
import { SELF_SIGNED } from "../../../test/support/self-signed.ts";
import { DIRECT } from "../../core/proxy.ts";
import { httpServer, type TestServer } from "../../testing/http-server.ts";
import { ImpatientClock } from "../../testing/impatient-clock.ts";
import { type DownloadDeps, download } from "./download.ts";

const BODY = Buffer.from("0123456789".repeat(10));
let dir: string;
let server: TestServer;
let answer: RequestListener;
let clock: ImpatientClock;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "download-test-"));
  clock = new ImpatientClock(30_000);
  server = await httpServer((request, response) => answer(request, response));
});
afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

const file = (): string => join(dir, "x");
function fetched(more: Partial<DownloadDeps> = {}, url = server.url, path = file()): Promise<void> {
  return download(
    { url: new URL(`${url}/x?signed=s3cret`), file: path, sha256: sha256(BODY), size: BODY.length },
    {
      clock,
      proxy: DIRECT,
      signal: new AbortController().signal,
      credentials: undefined,
      retry: { maxRetries: 2, maxBackoffSecs: 60 },
      onProblem: () => {},
      onBytes: () => {},
      onVerify: () => {},
      ...more,
    },
  );
}

/** Half of the file is there. */
async function half(headers: Record<string, string>): Promise<void> {
  answer = (_request, response) => {
    response.writeHead(200, headers).write(BODY.subarray(0, 50));
  };
  const abort = new AbortController();
  await expect(
    fetched({ signal: abort.signal, onBytes: (bytes) => bytes === 50 && abort.abort() }),
  ).rejects.toMatchObject({ code: "aborted" });
  expect((await readdir(dir)).sort()).toEqual(["x.part", "x.part.json"]);
  expect(await readFile(`${file()}.part.json`, "utf8")).not.toContain("s3cret");
}

const whole: RequestListener = (request, response) => {
  if (request.headers.range === undefined) response.end(BODY);
  else response.writeHead(416).end();
};

test("however often it is cut, no byte is fetched twice and all of them arrive", async () => {
  const cutting = fc.uniqueArray(fc.integer({ min: 1, max: BODY.length - 1 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(cutting, fc.boolean(), async (places, tagged) => {
      const cuts = places.sort((a, b) => a - b);
      const starts: number[] = [];
      answer = (request, response) => {
        const from = Number(/\d+/.exec(request.headers.range ?? "0")?.[0]);
        const to = cuts[starts.length] ?? BODY.length;
        starts.push(from);
        response.writeHead(from === 0 ? 200 : 206, {
          ...(tagged ? { etag: '"a"' } : {}),
          ...(from === 0 ? {} : { "content-range": `bytes ${from}-${BODY.length - 1}/${BODY.length}` }),
        });
        response.write(BODY.subarray(from, to));
        if (to === BODY.length) response.end();
      };
      // Cut once what was sent is there.
      const onBytes = (bytes: number): void => {
        if (bytes === cuts[starts.length - 1]) server.server.closeAllConnections();
      };
      await fetched({ onBytes, retry: { maxRetries: 8, maxBackoffSecs: 1 } });
      expect(await readFile(file())).toEqual(BODY);
      expect(starts).toEqual([0, ...cuts]);
      await rm(file());
    }),
    { numRuns: 25 },
  );
});

test("a range that the server cannot satisfy begins again from the first byte", async () => {
  await half({ etag: '"a"' });
  answer = whole;
  await fetched();
  expect(await readFile(file())).toEqual(BODY);
  expect(clock.waits).toEqual([]);
});

test.each([
  ["of another length", "bytes 50-199/200"],
  ["that begins elsewhere", "bytes 40-99/100"],
  ["without a range", undefined],
])("a partial answer %s is not appended", async (_name, range) => {
  await half({ etag: '"a"' });
  answer = (request, response) => {
    if (request.headers.range === undefined) response.end(BODY);
    else
      response.writeHead(206, range === undefined ? {} : { "content-range": range }).end(BODY.subarray(50));
  };
  await fetched();
  expect(await readFile(file())).toEqual(BODY);
});

test("a partial answer of another content is not appended", async () => {
  await half({ etag: '"a"' });
  answer = (request, response) => {
    if (request.headers.range === undefined) response.end(BODY);
    else response.writeHead(206, { "content-range": "bytes 50-99/100", etag: '"b"' }).end(Buffer.alloc(50));
  };
  await fetched();
});

test("a weak ETag is not relied on: the modification date is", async () => {
  await half({ etag: 'W/"a"', "last-modified": "Sat, 01 Nov 2025 00:00:00 GMT" });
  let condition: unknown;
  answer = (request, response) => {
    condition = request.headers["if-range"];
    response.writeHead(206, { "content-range": "bytes 50-99/100" }).end(BODY.subarray(50));
  };
  await fetched();
  expect(condition).toBe("Sat, 01 Nov 2025 00:00:00 GMT");
});

test("parts that were changed on the disk do not become the file", async () => {
  await half({ etag: '"a"' });
  await rm(`${file()}.part`);
  await writeFile(`${file()}.part`, Buffer.alloc(50));
  answer = (_request, response) => {
    response.writeHead(206, { "content-range": "bytes 50-99/100" }).end(BODY.subarray(50));
  };
  await expect(fetched()).rejects.toMatchObject({ code: "checksum_mismatch" });
  expect(await readdir(dir)).toEqual([]);
});

test("a compressed answer, which was not asked for, is refused", async () => {
  answer = (_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(BODY);
  await expect(fetched()).rejects.toMatchObject({ code: "wrong_size" });
});

test("a server that accepts and never answers is asked again after 30 s", async () => {
  let asked = 0;
  answer = (_request, response) => {
    asked += 1;
    if (asked === 1) clock.advance(30_000);
    else response.end(BODY);
  };
  await fetched();
  expect(clock.waits).toEqual([1_000]);
});

test("a port where nobody listens is tried as often as allowed, then told without the signed address", async () => {
  const { url } = server;
  await server.close();
  const error = await fetched({}, url).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: "network", message: expect.stringContaining("ECONNREFUSED") });
  expect(error.message).not.toContain("s3cret");
  expect(clock.waits).toEqual([1_000, 2_000]);
  server = await httpServer(whole);
});

test("a wait ends when it is stopped", async () => {
  answer = (_request, response) => void response.writeHead(503).end();
  const abort = new AbortController();
  const stopped = fetched({ signal: abort.signal, onProblem: () => abort.abort() });
  await expect(stopped).rejects.toMatchObject({ code: "aborted" });
  expect(clock.waits).toEqual([]);
});

// Only Linux has a file that is always full.
test.runIf(process.platform === "linux")("a disk that fills up ends it at once", async () => {
  answer = whole;
  await symlink("/dev/full", `${file()}.part`);
  await expect(fetched()).rejects.toMatchObject({ code: "disk_full" });
  expect(clock.waits).toEqual([]);
});

test("a directory that cannot be written is told", async () => {
  answer = whole;
  await fetched();
  const below = join(file(), "below");
  await expect(fetched({}, server.url, below)).rejects.toMatchObject({ code: "file_system" });
});

test("from https it never goes on to http, and an unknown authority is told at once", async () => {
  answer = whole;
  const secure = createServer({ ...SELF_SIGNED }, (_request, response) => {
    response.writeHead(302, { location: `${server.url}/x?signed=s3cret` }).end();
  });
  secure.listen(0, "127.0.0.1");
  await once(secure, "listening");
  const address = secure.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = `https://127.0.0.1:${address.port}`;
  const trusted = { agent: new HttpsAgent({ ca: SELF_SIGNED.cert }), proxyFor: () => undefined };
  const error = await fetched({ proxy: trusted }, url).catch((thrown) => thrown);
  expect(error).toMatchObject({
    code: "redirect_refused",
    message: expect.stringContaining("not encrypted"),
  });
  expect(error.message).not.toContain("s3cret");
  await expect(fetched({}, url)).rejects.toMatchObject({
    code: "network",
    message: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
  });
  expect(clock.waits).toEqual([]);
  secure.closeAllConnections();
  secure.close();
  await once(secure, "close");
});
