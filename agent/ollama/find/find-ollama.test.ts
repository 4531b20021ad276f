import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeOllamaBinary } from "../../../test/support/ollama-binary/make-ollama-binary.ts";
import { systemClock } from "../../core/clock.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { httpServer } from "../../testing/http-server.ts";
import { binaryVersion, versionIn } from "./binary-version.ts";
import { type FindOptions, findOllama } from "./find-ollama.ts";
import { type Probed, probeWith } from "./probe.ts";

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "find-ollama-")));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Finds with servers as told, by address. */
function finding(servers: Record<string, Probed>, options: Partial<FindOptions> = {}) {
  const asked: string[] = [];
  const finding = findOllama({
    env: { PATH: "" },
    platform: "linux",
    home: dir,
    clock: new FakeClock(),
    probe: async (url) => {
      asked.push(url);
      return servers[url] ?? { type: "absent", why: "ECONNREFUSED" };
    },
    versionOf: async () => undefined,
    ...options,
  });
  return { finding, asked };
}

const DEFAULT = "http://127.0.0.1:11434";
const OLLAMA: Probed = { type: "ollama", version: "0.32.1" };

describe("findOllama", () => {
  it("takes the server at OLLAMA_HOST before the one at the usual port", async () => {
    const { finding: found } = finding(
      { [DEFAULT]: OLLAMA, "http://127.0.0.1:1234": { type: "ollama", version: "0.5.0" } },
      { env: { OLLAMA_HOST: "0.0.0.0:1234" } },
    );
    expect((await found).found).toEqual({ type: "server", url: "http://127.0.0.1:1234", version: "0.5.0" });
  });

  it("takes the server at the usual port when OLLAMA_HOST has none", async () => {
    const { finding: found } = finding({ [DEFAULT]: OLLAMA }, { env: { OLLAMA_HOST: ":1234" } });
    expect((await found).found).toEqual({ type: "server", url: DEFAULT, version: "0.32.1" });
  });

  it("shares no other machine's server, and never takes its coordinator for an Ollama", async () => {
    for (const OLLAMA_HOST of ["192.0.2.9:11434", "https://coordinator.example/k/KEY", "127.0.0.1:8080"]) {
      const { finding: found, asked } = finding(
        {},
        { env: { OLLAMA_HOST }, coordinatorUrl: "http://localhost:8080" },
      );
      expect((await found).found).toEqual({ type: "none" });
      expect(asked).toEqual([DEFAULT]);
    }
  });

  it("tells of a port that something else has, or that does not answer", async () => {
    const { finding: found } = finding(
      { [DEFAULT]: { type: "stranger", what: "a toaster" }, "http://127.0.0.1:1234": { type: "silent" } },
      { env: { OLLAMA_HOST: ":1234" } },
    );
    expect(await found).toEqual({
      found: { type: "none" },
      obstacles: [
        {
          url: "http://127.0.0.1:1234",
          problem: "http://127.0.0.1:1234 takes connections and does not answer: an Ollama that hangs?",
        },
        { url: DEFAULT, problem: `${DEFAULT} is taken by a toaster` },
      ],
    });
  });

  it("finds the program in the search path, behind a link, and asks it for its version", async () => {
    const { path } = makeOllamaBinary(join(dir, "0.31.2"), { version: "0.31.2" });
    mkdirSync(join(dir, "links"));
    symlinkSync(path, join(dir, "links", "ollama"));
    const { finding: found } = finding(
      {},
      {
        env: { PATH: join(dir, "links") },
        versionOf: (program) => binaryVersion(program, {}),
      },
    );
    expect((await found).found).toEqual({
      type: "binary",
      path: join(dir, "links", "ollama"),
      version: "0.31.2",
      origin: "path",
    });
  });

  it("knows the desktop app's program behind a link in the search path", async () => {
    const app = join(dir, "Applications", "Ollama.app", "Contents", "Resources");
    mkdirSync(app, { recursive: true });
    writeFileSync(join(app, "ollama"), "", { mode: 0o755 });
    mkdirSync(join(dir, "bin"));
    symlinkSync(join(app, "ollama"), join(dir, "bin", "ollama"));
    const { finding: found } = finding(
      {},
      { platform: "darwin", env: { PATH: join(dir, "bin") }, versionOf: async () => "0.32.0" },
    );
    expect((await found).found).toMatchObject({ origin: "desktop-app", path: join(dir, "bin", "ollama") });
  });

  it("passes over what cannot be run, is a directory, or does not say its version", async () => {
    mkdirSync(join(dir, "a", "ollama"), { recursive: true });
    mkdirSync(join(dir, "b"));
    writeFileSync(join(dir, "b", "ollama"), "", { mode: 0o644 });
    mkdirSync(join(dir, "c"));
    writeFileSync(join(dir, "c", "ollama"), "#!/bin/sh\necho hello\n", { mode: 0o755 });
    const PATH = ["a", "b", "c"].map((name) => join(dir, name)).join(":");
    const { finding: found } = finding(
      {},
      { env: { PATH }, versionOf: (program) => binaryVersion(program, {}) },
    );
    expect((await found).found).toEqual({ type: "none" });
  });
});

describe("a program's version", () => {
  it.each([
    ["ollama version is 0.32.1\n", "0.32.1"],
    [
      "Warning: could not connect to a running Ollama instance\nWarning: client version is 0.33.0-rc2\n",
      "0.33.0-rc2",
    ],
    ["ollama version is 0.30.0\nWarning: client version is 0.32.1\n", "0.32.1"],
    ["something else\n", undefined],
  ])("of %j is %s", (output, version) => {
    expect(versionIn(output)).toBe(version);
  });

  it("is waited for only so long", async () => {
    const path = join(dir, "ollama");
    writeFileSync(path, "#!/bin/sh\nexec sleep 60\n", { mode: 0o755 });
    expect(await binaryVersion(path, {}, { limitMs: 50 })).toBeUndefined();
  });
});

describe("a probe", () => {
  const probe = probeWith(systemClock);

  it("tells an Ollama, another web server, and nobody apart", async () => {
    const ollama = await httpServer((_, res) => res.end('{"version":"0.32.1"}'));
    const other = await httpServer((_, res) => res.writeHead(404).end("no"));
    expect(await probe(ollama.url, 2_000)).toEqual(OLLAMA);
    expect(await probe(other.url, 2_000)).toEqual({
      type: "stranger",
      what: "a web server that answers HTTP 404",
    });
    await ollama.close();
    await other.close();
    expect(await probe(ollama.url, 2_000)).toEqual({ type: "absent", why: "ECONNREFUSED" });
  });

  it("knows a program that speaks something else", async () => {
    const server = createTcpServer((socket) => socket.end("220 mail.example ESMTP\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    expect(await probe(`http://127.0.0.1:${port}`, 2_000)).toMatchObject({ type: "stranger" });
    server.close();
  });

  it("gives up on one that says nothing, at its limit", async () => {
    const clock = new FakeClock();
    const silent = await httpServer(() => {});
    const arrived = new Promise<void>((resolve) => silent.server.once("request", () => resolve()));
    const probed = probeWith(clock)(silent.url, 2_000);
    await arrived;
    clock.advance(2_000);
    expect(await probed).toEqual({ type: "silent" });
    await silent.close();
  });
});
