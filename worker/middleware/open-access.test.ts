import { expect, test } from "vitest";
import { openAccessAllowed } from "./open-access.ts";

const LISTED = { hosts: ["ai.example", "box.example:8080"], origins: ["https://app.example"] };
const allowed = (host: string, origin?: string): boolean => openAccessAllowed({ host, origin }, LISTED);

test.each([
  "localhost",
  "localhost:8080",
  "LOCALHOST:8080",
  "127.0.0.1:8080",
  "192.168.1.20:8080",
  "[::1]:8080",
  "[FE80::1]",
  "tower",
  "tower:8080",
  "tower.local",
  "x.localhost:1",
  "host.docker.internal:8080",
  "ai.example",
  "AI.example:443",
  "box.example:8080",
  "",
])("Host %j cannot be a name that somebody else's DNS points here", (host) => {
  expect(allowed(host)).toBe(true);
});

test.each([
  "evil.example",
  "evil.example:8080",
  "localhost.evil.example",
  "localhost.",
  "127.0.0.1.evil.example",
  "127.0.0.1.nip.io:8080",
  "box.example",
  "box.example:9090",
  "x.ai.example",
  "tower.local.evil.example",
  "[::1].evil.example",
  "evil.example:8080:8080",
])("Host %j can, and is refused", (host) => {
  expect(allowed(host)).toBe(false);
});

test.each([
  undefined,
  "http://localhost",
  "http://localhost:3000",
  "https://127.0.0.1:3000",
  "http://0.0.0.0",
  "http://[::1]:5173",
  "https://app.example",
  "app://obsidian.md",
  "file://",
  "tauri://localhost",
  "vscode-webview://abc",
])("Origin %j is local or listed", (origin) => {
  expect(allowed("localhost", origin)).toBe(true);
});

test.each([
  "null",
  "",
  "https://evil.example",
  "http://localhost.evil.example",
  "http://localhost@evil.example",
  "http://evil.example@localhost",
  "http://localhost:80:80",
  "http://127.0.0.1.evil.example",
  "http://127.0.0.2",
  "http://192.168.1.20",
  "https://app.example.evil.example",
  "http://app.example",
  "https://app.example:444",
  "ftp://localhost",
  "xapp://x",
  "http://localhost/path",
])("Origin %j is neither", (origin) => {
  expect(allowed("localhost", origin)).toBe(false);
});

test("a good Origin does not make up for a bad Host", () => {
  expect(allowed("evil.example", "http://localhost")).toBe(false);
});
