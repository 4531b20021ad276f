import { afterEach, beforeEach, expect, test } from "vitest";
import { makeRelease } from "../../../test/support/releases/releases.ts";
import { httpServer } from "../../testing/http-server.ts";
import { InstallBench } from "../../testing/install-bench.ts";
import { prepare } from "../install.ts";

const release = await makeRelease("0.32.1", { padding: 10 });
let bench: InstallBench;
beforeEach(async () => {
  bench = await InstallBench.open({
    releases: [
      { ...release, version: "0.31.0" },
      release,
      { ...release, version: "0.33.0-rc1", prerelease: true },
    ],
  });
});
afterEach(() => bench.close());

/** A release server that answers everything so. */
async function answering(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const server = await httpServer((_request, response) => response.writeHead(status, headers).end(body));
  try {
    return await prepare(undefined, bench.deps({ OLLAMA_RELEASES_URL: server.url })).catch((error) => error);
  } finally {
    await server.close();
  }
}

test("the newest stable release is found, and one by its version", async () => {
  expect(await prepare(undefined, bench.deps())).toMatchObject({ version: "0.32.1" });
  expect(await prepare("0.31.0", bench.deps())).toMatchObject({ version: "0.31.0" });
});

test("an unchanged release is not sent again", async () => {
  const first = await prepare(undefined, bench.deps());
  expect(await prepare(undefined, bench.deps())).toEqual(first);
  bench.server.releases.splice(1, 0, { ...release, version: "0.32.2" });
  bench.server.releases.splice(2, 1);
  expect(await prepare(undefined, bench.deps())).toMatchObject({ version: "0.32.2" });
  expect(bench.server.journal.entries.map((request) => request.status)).toEqual([200, 304, 200]);
});

test.each([
  ["0.33.0-rc1", "is not a stable release"],
  ["9.9.9", "knows no version 9.9.9"],
  ["../../evil", "is no version"],
  ["https://evil.example/x", "is no version"],
])("version %s is refused", async (version, text) => {
  const error = await prepare(version, bench.deps()).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: "release_not_found", message: expect.stringContaining(text) });
});

test("an older release with .tgz is found, one without an archive for this machine is told", async () => {
  const { "ollama-linux-amd64.tar.zst": archive } = release.assets;
  if (archive === undefined) throw new Error("no archive");
  bench.server.releases.push({ version: "0.40.0", assets: { "ollama-linux-amd64.tgz": archive } });
  const found = await prepare(undefined, bench.deps());
  expect(found.assets.map((asset) => asset.name)).toEqual(["ollama-linux-amd64.tgz"]);
  bench.server.releases.push({ version: "0.40.1", assets: { "other.zip": archive } });
  await expect(prepare(undefined, bench.deps())).rejects.toMatchObject({ code: "no_asset" });
});

test("an overlay that a release does not have is left out with a warning", async () => {
  const found = await prepare(
    undefined,
    bench.deps({}, { facts: { platform: "linux", arch: "arm64", gpus: [], jetpack: 5 } }),
  );
  expect(found.assets).toHaveLength(1);
  expect(bench.warnings).toEqual([expect.stringContaining("ollama-linux-arm64-jetpack5")]);
});

test.each([
  [200, "<html>sign in</html>", "release_invalid"],
  [
    200,
    '{"tag_name":"v1.0.0","assets":[{"name":"../x","size":1,"browser_download_url":"https://x/"}]}',
    "no_asset",
  ],
  [
    200,
    '{"tag_name":"v1.0.0","assets":[{"name":"ollama-linux-amd64.tgz","size":1,"state":"starter","browser_download_url":"https://x/"}]}',
    "no_asset",
  ],
  [
    200,
    '{"tag_name":"v1.0.0","assets":[{"name":"ollama-linux-amd64.tgz","size":1,"browser_download_url":"file:///etc/passwd"}]}',
    "release_invalid",
  ],
  [200, '{"tag_name":"nightly","assets":[]}', "release_invalid"],
  [200, '{"tag_name":"v1.0.0","draft":true,"assets":[]}', "release_not_found"],
  [401, "", "http_status"],
])("an answer %s %s is %s", async (status, body, code) => {
  expect(await answering(status, body)).toMatchObject({ code });
  expect(bench.clock.waits).toEqual([]);
});

test("a used-up API limit is told with what to do, and an answer without end is cut", async () => {
  expect(await answering(403, "{}", { "x-ratelimit-remaining": "0" })).toMatchObject({
    message: expect.stringContaining("try again in an hour"),
  });
  expect(await answering(200, "x".repeat(9 * 2 ** 20))).toMatchObject({ code: "release_invalid" });
});
