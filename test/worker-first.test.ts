import { expect, test } from "vitest";
import { OLLAMA_ROUTES } from "../shared/api/ollama-routes.ts";
import { workerFirstPatterns } from "./support/worker-first.ts";

const patterns = workerFirstPatterns();

/** As Cloudflare reads them: a star is any characters. */
function isWorkerFirst(path: string): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split("*").map((part) => part.replace(/[.?+^$|(){}[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`).test(path);
  });
}

test("with the web app's files in place every API path reaches the Worker first", () => {
  const others = [
    ...[
      "/k/ock_x/api/tags",
      "/k/ock_x/v1/models",
      "/api/agents",
      "/api/admin/keys/1",
      "/ws/agent",
      "/ws/dashboard",
    ],
    ...["/metrics", "/healthz", "/openapi.json", "/docs", "/dashboard", "/dashboard/index.html"],
  ];
  const missed = [...OLLAMA_ROUTES.map(({ path }) => path), ...others].filter((path) => !isWorkerFirst(path));
  expect(missed).toEqual([]);
});

test("a file that a browser may keep for ever is answered without the Worker", () => {
  expect(isWorkerFirst("/dashboard/assets/index-12345678.js")).toBe(false);
});
