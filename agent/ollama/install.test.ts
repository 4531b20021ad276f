import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ReleaseFaults } from "../../test/support/releases/faults.ts";
import { makeRelease } from "../../test/support/releases/releases.ts";
import { InstallBench, runBinary } from "../testing/install-bench.ts";
import { install, prepare } from "./install.ts";
import { InstallError } from "./install-error.ts";
import { describe as describeRelease } from "./release/release.ts";

const ASSET = "ollama-linux-amd64.tar.zst";
const release = await makeRelease("0.32.1");
const size = release.assets[ASSET]?.length ?? 0;

let bench: InstallBench;
beforeEach(async () => {
  bench = await InstallBench.open({ releases: [release] });
});
afterEach(() => bench.close());

/** Waits for what a file system shows; the deadline is the test's own. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}

const partBytes = async (): Promise<number> =>
  stat(join(bench.versions.downloads, "0.32.1", `${ASSET}.part`)).then(
    (there) => there.size,
    () => 0,
  );

async function failure(work: Promise<unknown>): Promise<InstallError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof InstallError)) throw new Error(`expected an InstallError, not ${String(error)}`);
  expect(error.message).not.toContain("\n");
  return error;
}

test("an install from a healthy server works, is not current by itself, and leaves no archive", async () => {
  const deps = bench.deps();
  const found = await prepare(undefined, deps);
  expect(describeRelease(found)).toEqual({ version: "0.32.1", download_bytes: size });
  const installed = await install(found, deps);
  expect(await runBinary(installed)).toBe("ollama version is 0.32.1\n");
  expect(await readdir(join(installed.dir, "lib/ollama"))).toEqual([
    "libggml-base.so",
    "libggml-base.so.0.1",
  ]);
  expect(await bench.versions.current()).toBeUndefined();
  expect(await bench.leftovers()).toEqual([]);
  expect(await readdir(bench.versions.directory)).toEqual(["releases.json", "versions"]);
  expect([...new Set(bench.reports.map((report) => report.step))]).toEqual([
    "looking_up",
    "downloading",
    "verifying",
    "unpacking",
  ]);
  expect(bench.reports.find((report) => report.step === "verifying")?.progress).toMatchObject({
    done_bytes: size,
    total_bytes: size,
  });
  expect(bench.warnings).toEqual([]);
});

test("a version that is there is not fetched again", async () => {
  const first = await bench.install();
  expect(await bench.install()).toEqual(first);
  expect(bench.server.downloads()).toHaveLength(1);
});

/** Faults that an install gets past, with the waits and the first bytes of the requests that it takes. */
const OVERCOME: Array<[string, ReleaseFaults, number[], number[]]> = [
  ["a cut at 10 %", { cut: { at: 0.1 } }, [1_000], [0, Math.floor(size * 0.1)]],
  ["a cut at 50 %", { cut: { at: 0.5 } }, [1_000], [0, Math.floor(size * 0.5)]],
  ["a cut at 99 %", { cut: { at: 0.99 } }, [1_000], [0, Math.floor(size * 0.99)]],
  ["a cut and no ETag", { cut: { at: 0.5 }, noEtag: true }, [1_000], [0, Math.floor(size * 0.5)]],
  ["503 twice", { status: { code: 503, times: 2 } }, [1_000, 2_000], [0, 0, 0]],
  ["429 once", { status: { code: 429, times: 1 } }, [1_000], [0, 0]],
  ["503 twice at the look-up", { lookupStatus: { code: 503, times: 2 } }, [1_000, 2_000], [0]],
  ["a slow server", { slow: { bytes: 30_000 } }, [], [0]],
  ["a redirect to another host", { redirect: "other" }, [], [0, 0]],
  ["a cut and no Range support", { cut: { at: 0.5 }, noRange: true }, [1_000], [0, 0]],
  ["an archive that changed between two requests", { cut: { at: 0.5 }, newEtags: true }, [1_000], [0, 0]],
  ["no digests", { noChecksum: "digest" }, [], [0]],
  ["no checksum at all", { noChecksum: "all" }, [], [0]],
];

test.each(OVERCOME)("%s ends in a working install", async (_name, faults, waits, starts) => {
  const { cut } = faults;
  const ready = (): Promise<void> =>
    until(async () => (await partBytes()) === Math.floor(size * (cut?.at ?? 0)));
  bench.server.faults = {
    ...structuredClone(faults),
    ...(cut === undefined ? {} : { cut: { ...cut, ready } }),
  };
  const installed = await bench.install();
  expect(await runBinary(installed)).toContain("0.32.1");
  expect(bench.clock.waits).toEqual(waits);
  expect(bench.server.downloads().map((request) => request.from)).toEqual(starts);
  expect(await bench.leftovers()).toEqual([]);
  expect(bench.warnings).toEqual(
    faults.noChecksum === "all" ? [expect.stringContaining(`no checksum for ${ASSET}`)] : [],
  );
});

/** Faults that end it, with the code, what the message says, and the waits before. */
const FINAL: Array<[string, ReleaseFaults, string, string, number[]]> = [
  ["404", { status: { code: 404, times: 9 } }, "http_status", "answered HTTP 404", []],
  ["404 for the release", { lookupStatus: { code: 404, times: 9 } }, "release_not_found", "knows no", []],
  ["wrong bytes", { wrongBytes: true }, "checksum_mismatch", "instead of", []],
  ["a Content-Length that is too long", { lengthOff: 100 }, "wrong_size", `${size + 100} bytes`, []],
  ["a Content-Length that is too short", { lengthOff: -100 }, "wrong_size", `${size - 100} bytes`, []],
  ["a body without end", { tooLong: 1_000 }, "wrong_size", "sends more than", []],
  ["redirects without end", { redirect: "loop" }, "redirect_refused", "more than 5 times", []],
  [
    "a server that is down",
    { status: { code: 502, times: 99 } },
    "network",
    "answered HTTP 502 (given up after 5 retries)",
    [1_000, 2_000, 4_000, 8_000, 16_000],
  ],
  [
    "a connection that is always cut",
    { cut: { at: 0.01, times: 99 }, noRange: true },
    "network",
    "given up after 5 retries",
    [1_000, 2_000, 4_000, 8_000, 16_000],
  ],
];

test.each(FINAL)("%s ends in one clear error, and the version before stays", async (...row) => {
  const [, faults, code, text, waits] = row;
  await bench.install();
  await bench.versions.switchTo("0.32.1");
  bench.server.releases.push({ ...release, version: "0.33.0" });
  bench.server.faults = structuredClone(faults);
  const error = await failure(bench.install());
  expect(error.code).toBe(code);
  expect(error.message).toContain(text);
  expect(bench.clock.waits).toEqual(waits);
  expect((await bench.versions.list()).map((one) => one.version)).toEqual(["0.32.1"]);
  const current = await bench.versions.current();
  expect(current && (await runBinary(current))).toContain("0.32.1");
  if (code === "checksum_mismatch") expect(await bench.leftovers()).toEqual(["0.33.0"]);
  bench.server.faults = {};
  expect(await bench.install()).toMatchObject({ version: "0.33.0" });
  bench.server.releases.pop();
});

test("with eight retries allowed the last three waits are 60 s", async () => {
  bench.server.faults = { status: { code: 500, times: 99 } };
  await failure(bench.install({ OLLAMA_DOWNLOAD_MAX_RETRIES: "8" }));
  expect(bench.clock.waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 60_000, 60_000, 60_000]);
});

test("the longest wait is what the owner says", async () => {
  bench.server.faults = { status: { code: 500, times: 99 } };
  await failure(bench.install({ OLLAMA_DOWNLOAD_MAX_BACKOFF_SECS: "3" }));
  expect(bench.clock.waits).toEqual([1_000, 2_000, 3_000, 3_000, 3_000]);
});

test("a server that falls silent for 30 s is asked again for the rest", async () => {
  bench.server.faults = { stall: { at: 0.5 } };
  const installing = bench.install();
  await until(async () => (await partBytes()) === Math.floor(size * 0.5));
  await bench.clock.timer(30_000);
  bench.clock.advance(30_000);
  await installing;
  expect(bench.clock.waits).toEqual([1_000]);
  expect(bench.server.downloads().map((request) => request.headers.range)).toEqual([
    undefined,
    `bytes=${Math.floor(size * 0.5)}-`,
  ]);
  expect(bench.reports.map((report) => report.problem)).toContainEqual(
    expect.stringContaining("no byte for 30 s"),
  );
});

test("a stopped install goes on where it ended, even in another process", async () => {
  bench.server.faults = { stall: { at: 0.7 } };
  const installing = failure(bench.install());
  await until(async () => (await partBytes()) === Math.floor(size * 0.7));
  bench.abort.abort();
  expect((await installing).code).toBe("aborted");
  bench.server.faults = {};
  await bench.install({}, { signal: new AbortController().signal });
  const [, second] = bench.server.downloads();
  expect(second?.from).toBe(Math.floor(size * 0.7));
  expect(second?.headers["if-range"]).toMatch(/^"/);
});

test("a changed release does not get the bytes of the one before", async () => {
  bench.server.faults = { cut: { at: 0.5, times: 99 }, noRange: true };
  await failure(bench.install({ OLLAMA_DOWNLOAD_MAX_RETRIES: "0" }));
  bench.server.releases[0] = await makeRelease("0.32.1", { padding: 100_000 });
  bench.server.faults = {};
  expect(await runBinary(await bench.install())).toContain("0.32.1");
  expect(bench.server.downloads().at(-1)?.headers.range).toBeUndefined();
  bench.server.releases[0] = release;
});

test("an archive that was kept whole is not fetched again", async () => {
  const unpackFails = bench.install(
    {},
    { observe: (report) => report.step === "unpacking" && bench.abort.abort() },
  );
  expect((await failure(unpackFails)).code).toBe("aborted");
  await bench.install({}, { signal: new AbortController().signal });
  expect(bench.server.downloads()).toHaveLength(1);
});

test("a full disk is told before the download, with the numbers and the directory", async () => {
  const error = await failure(bench.install({}, { freeBytes: async () => 1_000 }));
  expect(error.code).toBe("disk_full");
  expect(error.message).toContain(`${join(bench.versions.downloads, "0.32.1")} has 1 MB free and about 2 MB`);
  expect(bench.server.downloads()).toEqual([]);
});

test("a second install on the same state directory is refused while the first runs", async () => {
  bench.server.faults = { stall: { at: 0.5 } };
  const first = failure(bench.install());
  await until(async () => (await partBytes()) > 0);
  expect((await failure(bench.install())).code).toBe("busy");
  bench.abort.abort();
  await first;
});

test("a machine with an AMD GPU gets the overlay into the same directory", async () => {
  const installed = await bench.install(
    {},
    { facts: { platform: "linux", arch: "x64", gpus: ["amd"], jetpack: undefined } },
  );
  expect(await readdir(join(installed.dir, "lib/ollama/rocm_v7"))).toEqual(["libggml-hip.so"]);
  expect(bench.reports.at(-2)?.progress?.done_bytes).toBe(
    size + (release.assets["ollama-linux-amd64-rocm.tar.zst"]?.length ?? 0),
  );
});

test.each([
  ["darwin", "arm64", "ollama"],
  ["win32", "x64", "ollama.exe"],
] as const)("the archive of %s is unpacked as it is laid out", async (platform, arch, binary) => {
  const { OllamaVersions } = await import("./versions/versions.ts");
  const versions = new OllamaVersions(bench.stateDir, platform);
  const installed = await bench.install(
    {},
    { versions, facts: { platform, arch, gpus: [], jetpack: undefined } },
  );
  expect(installed.binary).toBe(join(installed.dir, binary));
  expect(await readFile(installed.binary, "utf8")).toContain("0.32.1");
});

test("progress is left out where the owner does not want it", async () => {
  await bench.install({ OLLAMA_DOWNLOAD_PROGRESS: "false" });
  expect(bench.reports.some((report) => report.step === "downloading")).toBe(true);
  expect(bench.reports.every((report) => report.progress === null)).toBe(true);
});

test("the owner's own checksum counts more than the release's, and skipping is warned of", async () => {
  const wrong = "0".repeat(64);
  expect((await failure(bench.install({ OLLAMA_CHECKSUM: wrong }))).message).toContain(wrong);
  bench.server.faults = { noChecksum: "all" };
  await bench.install({ OLLAMA_CHECKSUM: wrong, OLLAMA_SKIP_CHECKSUM_VERIFICATION: "true" });
  expect(bench.warnings).toEqual([expect.stringContaining("OLLAMA_SKIP_CHECKSUM_VERIFICATION is set")]);
});

test("a mirror's user and password go to the mirror only, and into no message", async () => {
  await bench.close();
  bench = await InstallBench.open({
    releases: [release],
    credentials: "me:s3cret",
    faults: { redirect: "other" },
  });
  const url = bench.server.url.replace("//", "//me:s3cret@");
  await bench.install({ OLLAMA_RELEASES_URL: url });
  const requests = bench.server.journal.entries;
  expect(requests.filter((one) => one.at === "origin").every((one) => one.headers.authorization)).toBe(true);
  expect(requests.filter((one) => one.at === "storage")).toHaveLength(1);
  expect(requests.find((one) => one.at === "storage")?.headers.authorization).toBeUndefined();
  bench.server.faults = { lookupStatus: { code: 418, times: 1 } };
  const error = await failure(bench.install({ OLLAMA_RELEASES_URL: url }));
  expect(error.message).not.toMatch(/s3cret|me:/);
  expect(await readFile(bench.versions.releaseCache, "utf8")).not.toContain("s3cret");
});
