import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AppContext } from "../host.ts";
import { startCoordinatorServer } from "./coordinator-server.ts";
import { NodeHost } from "./node-host.ts";

type Headers = Record<string, string>;

const hostAt = (publicUrl: string | undefined): Pick<NodeHost, "isHttps" | "ownOrigins"> =>
  new NodeHost({
    config: { adminTokenHash: "", clientAuth: "required", hosts: [], demo: false },
    // Neither is asked here.
    coordinator: { feed: {} } as ConstructorParameters<typeof NodeHost>[0]["coordinator"],
    history: {} as ConstructorParameters<typeof NodeHost>[0]["history"],
    publicUrl,
  });
const asked = (headers: Headers): AppContext =>
  ({ req: { header: (name: string) => headers[name] } }) as unknown as AppContext;

describe("whether a browser came by https", () => {
  test.each<[string | undefined, Headers, boolean]>([
    [undefined, {}, false],
    ["http://box:8080", {}, false],
    ["https://ai.example", {}, true],
    ["https://ai.example", { origin: "https://ai.example" }, true],
    // On this machine itself, beside the public address: a Secure cookie would be thrown away.
    ["https://ai.example", { origin: "http://127.0.0.1:8080" }, false],
    // Behind a proxy or a tunnel that nobody told this program of.
    [undefined, { origin: "https://x.trycloudflare.com" }, true],
    ["https://ai.example", { origin: "null" }, true],
    [undefined, { "x-forwarded-proto": "https", forwarded: "proto=https" }, false],
  ])("public URL %s, headers %j: %s", (publicUrl, headers, expected) => {
    expect(hostAt(publicUrl).isHttps(asked(headers))).toBe(expected);
  });
});

describe("the origins of its own pages", () => {
  test.each<[string | undefined, string | undefined, string[]]>([
    [undefined, "127.0.0.1:8080", ["http://127.0.0.1:8080", "https://127.0.0.1:8080"]],
    ["https://ai.example/", "ai.example", ["https://ai.example"]],
    ["https://ai.example:8443", "ai.example:8443", ["https://ai.example:8443"]],
    // A proxy may put its own name for this program there.
    [
      "https://ai.example",
      "10.0.0.7:8080",
      ["https://ai.example", "http://10.0.0.7:8080", "https://10.0.0.7:8080"],
    ],
    ["https://ai.example", undefined, ["https://ai.example"]],
    [undefined, undefined, []],
  ])("public URL %s, reached as %s: %j", (publicUrl, host, origins) => {
    const headers: Headers = host === undefined ? {} : { host };
    expect(hostAt(publicUrl).ownOrigins(asked(headers))).toEqual(origins);
  });
});

test("a server that is reached by https marks its cookie so, whatever a proxy's headers say", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "origin-"));
  const quiet = { info: () => {}, warn: () => {}, error: () => {} };
  const server = await startCoordinatorServer({
    port: 0,
    host: "127.0.0.1",
    dataDir,
    adminToken: "admin-token-of-this-test",
    clientAuth: "required",
    hosts: [],
    publicUrl: "https://ai.example",
    corsOrigins: undefined,
    demo: false,
    log: quiet,
  });
  const setCookie = await new Promise<string | undefined>((resolve, reject) => {
    const sent = request({
      port: server.port,
      method: "POST",
      path: "/api/admin/session",
      headers: { "content-type": "application/json", "x-forwarded-proto": "http" },
    });
    sent.on("response", (response) => {
      response.resume();
      resolve(response.headers["set-cookie"]?.[0]);
    });
    sent.on("error", reject);
    sent.end(JSON.stringify({ token: "admin-token-of-this-test" }));
  });
  await server.stop(0);
  rmSync(dataDir, { recursive: true, force: true });
  expect(setCookie).toMatch(/^oc_session=.*; HttpOnly; Secure; SameSite=Strict$/);
});
