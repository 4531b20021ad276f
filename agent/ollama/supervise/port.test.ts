import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { choosePort, isPortFree } from "./port.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "port-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const except = (...taken: number[]) => ({ isFree: async (port: number) => !taken.includes(port) });

describe("the port of a managed server", () => {
  it("is the usual one when that is free", async () => {
    expect(await choosePort(dir, except())).toBe(11_434);
  });

  it("is another one when a user's server has that, and the same one next time", async () => {
    const port = await choosePort(dir, except(11_434));
    expect(port).not.toBe(11_434);
    expect(await choosePort(dir, except(11_434))).toBe(port);
    // Whoever has its address keeps it, even if the usual one is free by then.
    expect(await choosePort(dir, except())).toBe(port);
  });

  it("moves when somebody else has it now", async () => {
    const port = await choosePort(dir, except(11_434));
    const next = await choosePort(dir, except(11_434, port));
    expect([11_434, port]).not.toContain(next);
    writeFileSync(join(dir, "port.json"), "damaged");
    expect(await choosePort(dir, except())).toBe(11_434);
  });

  it.each(["127.0.0.1", "0.0.0.0"])("is not one that is listened on at %s", async (host) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect(await isPortFree(port)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await isPortFree(port)).toBe(true);
  });
});
