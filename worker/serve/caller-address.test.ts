import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startCoordinatorServer } from "./coordinator-server.ts";

test.each([
  ["127.0.0.1", "127.0.0.1"],
  // Where both are heard, an IPv4 caller has an IPv6 form.
  ["::", "127.0.0.1"],
])("on %s a caller is known by its socket, whatever its headers say", async (listenOn, expected) => {
  const dataDir = mkdtempSync(join(tmpdir(), "caller-"));
  const quiet = { info: () => {}, warn: () => {}, error: () => {} };
  const server = await startCoordinatorServer({
    port: 0,
    host: listenOn,
    dataDir,
    adminToken: "admin",
    clientAuth: "required",
    hosts: [],
    corsOrigins: undefined,
    demo: false,
    log: quiet,
  });
  onTestFinished(async () => {
    await server.stop(0);
    rmSync(dataDir, { recursive: true, force: true });
  });
  const asked = await fetch(`http://127.0.0.1:${server.port}/api/agents/register`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "cf-connecting-ip": "203.0.113.1",
      "x-forwarded-for": "203.0.113.1",
      "x-real-ip": "203.0.113.1",
      forwarded: "for=203.0.113.1",
    },
    body: JSON.stringify({
      machine_name: "m",
      ip_address: "203.0.113.1",
      ollama_version: "",
      ollama_port: 1,
    }),
  });
  expect(asked.status).toBe(202);
  expect(await server.coordinator.listPairings()).toMatchObject([{ caller_address: expected }]);
});
