import { expect, test } from "vitest";
import { below, normalBase, tunnelUrl } from "./coordinator-url.ts";

test("a path prefix of the base URL is kept, with and without a final slash", () => {
  expect(below("https://h.example/team/", "/api/x").href).toBe("https://h.example/team/api/x");
  expect(tunnelUrl("https://h.example/team").href).toBe("wss://h.example/team/ws/agent");
  expect(tunnelUrl("http://127.0.0.1:8080").href).toBe("ws://127.0.0.1:8080/ws/agent");
});

test("two ways to write one base are the same base", () => {
  expect(normalBase("HTTPS://H.example:443/")).toBe(normalBase("https://h.example"));
});
