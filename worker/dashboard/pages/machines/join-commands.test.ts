import { expect, test } from "vitest";
import { isLoopback, joinCommand, likelySystem, SYSTEMS } from "./join-commands.ts";

const url = "https://llm.example.com";
const token = "ocj_secret";

test.each([
  ["linux", "clone", "JOIN_TOKEN=ocj_secret npm run agent -- --coordinator-url https://llm.example.com"],
  ["linux", "release", "JOIN_TOKEN=ocj_secret ./agent --coordinator-url https://llm.example.com"],
  ["macos", "clone", "JOIN_TOKEN=ocj_secret npm run agent -- --coordinator-url https://llm.example.com"],
  [
    "windows",
    "clone",
    "$env:JOIN_TOKEN = 'ocj_secret'\nnpm run agent -- --coordinator-url https://llm.example.com",
  ],
  [
    "windows",
    "release",
    "$env:JOIN_TOKEN = 'ocj_secret'\n.\\agent.exe --coordinator-url https://llm.example.com",
  ],
  ["macos", "release", undefined],
] as const)("on %s from a %s", (system, program, command) => {
  expect(joinCommand({ system, program, url, token })).toBe(command);
});

test.each(SYSTEMS)("without a token the address is all there is to type on %s", (system) => {
  expect(joinCommand({ system, program: "clone", url })).toBe(
    "npm run agent -- --coordinator-url https://llm.example.com",
  );
});

test("the token is never an argument of a program", () => {
  for (const system of SYSTEMS) {
    for (const program of ["clone", "release"] as const) {
      const command = joinCommand({ system, program, url, token }) ?? "";
      const line = command.split("\n").at(-1) ?? "";
      expect(line.slice(Math.max(line.indexOf("npm"), line.indexOf("agent")))).not.toContain(token);
    }
  }
});

test("an address that a shell would take apart is quoted for it", () => {
  const odd = "https://llm.example.com/it's;$(reboot)";
  expect(joinCommand({ system: "linux", program: "release", url: odd })).toBe(
    "./agent --coordinator-url 'https://llm.example.com/it'\\''s;$(reboot)'",
  );
  expect(joinCommand({ system: "windows", program: "release", url: odd })).toBe(
    ".\\agent.exe --coordinator-url 'https://llm.example.com/it''s;$(reboot)'",
  );
});

test.each([
  ["localhost", true],
  ["coordinator.localhost", true],
  ["127.0.0.1", true],
  ["[::1]", true],
  ["192.168.1.5", false],
  ["localhost.example.com", false],
])("%s leads only to the computer itself: %s", (host, loopback) => expect(isLoopback(host)).toBe(loopback));

test("the system of whoever looks is offered first", () => {
  expect(likelySystem("Mozilla/5.0 (Windows NT 10.0; Win64; x64)")).toBe("windows");
  expect(likelySystem("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)")).toBe("macos");
  expect(likelySystem("Mozilla/5.0 (X11; Linux x86_64)")).toBe("linux");
});
