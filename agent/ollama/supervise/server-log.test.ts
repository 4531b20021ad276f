import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../testing/fake-clock.ts";
import { type LogLimits, ServerLog } from "./server-log.ts";

let dir: string;
let clock: FakeClock;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "server-log-"));
  clock = new FakeClock();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const log = (limits: Partial<LogLimits> = {}): ServerLog => new ServerLog(dir, clock, limits);
const text = (name = "server.log"): string => readFileSync(join(dir, name), "utf8");
const say = (to: ServerLog, words: string): void => to.write(Buffer.from(words));

describe("the log of a managed server", () => {
  it("keeps lines whole that come in pieces, for its user only", async () => {
    const server = log();
    const bytes = Buffer.from("größe=1\nand the rest\r\nunfinished");
    for (let at = 0; at < bytes.length; at++) server.write(bytes.subarray(at, at + 1));
    await server.flush();
    expect(text()).toBe("größe=1\nand the rest\n");
    expect(statSync(server.path).mode & 0o077).toBe(0);
  });

  it("rotates by size and keeps three files, over restarts as well", async () => {
    for (const server of [log({ file_bytes: 25 }), log({ file_bytes: 25 })]) {
      for (let n = 0; n < 6; n++) {
        say(server, `line ${n} 89\n`);
        await server.flush();
      }
    }
    expect(readdirSync(dir).sort()).toEqual(["server.1.log", "server.2.log", "server.log"]);
    expect([text(), text("server.1.log"), text("server.2.log")]).toEqual([
      "line 4 89\nline 5 89\n",
      "line 2 89\nline 3 89\n",
      "line 0 89\nline 1 89\n",
    ]);
  });

  it("leaves out what is over its rate, and says how much", async () => {
    const server = log({ bytes_per_s: 10, burst_bytes: 20 });
    for (let n = 0; n < 100; n++) say(server, `line ${n % 10} 89\n`);
    await server.flush();
    expect(text()).toBe("line 0 89\nline 1 89\n");
    clock.advance(1_000);
    say(server, "line a 89\n");
    await server.flush();
    expect(text()).toBe("line 0 89\nline 1 89\n[98 lines left out]\nline a 89\n");
  });

  it("has neither in its files nor in its last words a proxy's password", async () => {
    const server = log();
    say(server, 'env="map[HTTPS_PROXY:http://user:p@ss@proxy:3128 no_proxy:]"\n');
    await server.flush();
    expect(text()).toContain("http://***@proxy:3128 ");
    expect(server.lastWords()).not.toContain("p@ss");
  });

  it("knows of a Go program's last lines the one that says why", () => {
    const server = log();
    expect(server.lastWords()).toBeUndefined();
    say(server, "starting\npanic: out of luck\n\ngoroutine 1 [running]:\nmain.main()\n");
    expect(server.lastWords()).toBe("panic: out of luck");
    server.begin();
    say(server, "one\nlast, without an end");
    expect(server.lastWords()).toBe("last, without an end");
  });

  it("does not fail where nothing can be written, and goes on when it can", async () => {
    rmSync(dir, { recursive: true });
    const server = log();
    say(server, "lost\n");
    await server.flush();
    expect(server.lastWords()).toBe("lost");
    mkdirSync(dir);
    say(server, "found\n");
    await server.flush();
    expect(text()).toBe("found\n");
  });
});
