import { brotliCompressSync, brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { DashboardFiles } from "./dashboard-files.ts";

const PAGE = "<!doctype html>page ".repeat(50);
const files = new DashboardFiles(
  new Map([
    ["index.html", { raw: Buffer.from(PAGE) }],
    ["assets/x-12345678.js", { brotli: brotliCompressSync("code") }],
    ["assets/p-12345678.png", { raw: Buffer.from("png") }],
  ]),
);

async function ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const response = await files.answer(path, new Headers(headers));
  if (response === undefined) throw new Error(`no ${path}`);
  return response;
}
const bytes = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

test("a file comes in the best encoding that the browser takes", async () => {
  const br = await ask("index.html", { "accept-encoding": "gzip, deflate, br" });
  expect(br.headers.get("content-encoding")).toBe("br");
  expect(brotliDecompressSync(await bytes(br)).toString()).toBe(PAGE);
  const gzip = await ask("index.html", { "accept-encoding": "gzip, br;q=0" });
  expect(gunzipSync(await bytes(gzip)).toString()).toBe(PAGE);
  const plain = await ask("index.html");
  expect([plain.headers.get("content-encoding"), await plain.text()]).toEqual([null, PAGE]);
});

test("an embedded file comes as it is embedded, and plain to who takes nothing else", async () => {
  const plain = await ask("assets/x-12345678.js");
  expect(await plain.text()).toBe("code");
  const br = await ask("assets/x-12345678.js", { "accept-encoding": "br" });
  expect(brotliDecompressSync(await bytes(br)).toString()).toBe("code");
});

test("hashed files are kept for ever, the page is asked for each time and mostly not sent again", async () => {
  const file = await ask("assets/p-12345678.png", { "accept-encoding": "br" });
  expect(file.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect([file.headers.get("content-type"), file.headers.get("content-encoding")]).toEqual([
    "image/png",
    null,
  ]);
  const page = await ask("index.html");
  expect(page.headers.get("cache-control")).toBe("no-cache");
  const again = await ask("index.html", { "if-none-match": page.headers.get("etag") ?? "" });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

test("what is not among the files is not there, however it is written", async () => {
  for (const path of ["nope.js", "../release.ts", "assets/../index.html", "__proto__", ""]) {
    expect(await files.answer(path, new Headers())).toBeUndefined();
  }
});
