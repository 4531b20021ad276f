import { afterAll, beforeAll, expect, test } from "vitest";
import { onBothHosts } from "../support/hosts/both-hosts.ts";
import type { TestHost } from "../support/hosts/host.ts";

onBothHosts("the web app's files", (startHost) => {
  let host: TestHost;
  beforeAll(async () => {
    host = await startHost({ dashboard: true });
  });
  afterAll(() => host?.stop());

  const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(host.url + path, { headers, redirect: "manual" });

  test("every path of the dashboard is its page, under its policy", async () => {
    for (const path of ["/dashboard", "/dashboard/machines/x", "/dashboard/index.html"]) {
      const response = await ask(path);
      expect([path, response.status, await response.text()]).toEqual([
        path,
        200,
        expect.stringContaining("<script"),
      ]);
      expect(response.headers.get("content-type")).toMatch(/^text\/html/);
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(response.headers.get("cache-control")).toBe("no-cache");
    }
  });

  test("what the page loads is there, and what is not is not answered with the page", async () => {
    const page = await (await ask("/dashboard")).text();
    const files = [...page.matchAll(/(?:src|href)="(\/dashboard\/assets\/[^"]+)"/g)].map(
      (match) => match[1] ?? "",
    );
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const response = await ask(file);
      expect([file, response.status]).toEqual([file, 200]);
      expect(response.headers.get("content-type")).toMatch(/javascript|css|svg/);
      await response.arrayBuffer();
    }
    const gone = await ask("/dashboard/assets/index-00000000.js");
    expect([gone.status, gone.headers.get("cache-control")]).toEqual([404, null]);
    await gone.text();
  });

  test("a browser that opens the coordinator is sent there, a client finds Ollama", async () => {
    const browser = await ask("/", { accept: "text/html" });
    expect([browser.status, browser.headers.get("location")]).toEqual([302, "/dashboard"]);
    expect(await (await ask("/")).text()).toBe("Ollama is running");
  });

  test("with the files in place every API still answers for itself", async () => {
    const statuses: Record<string, number> = {};
    for (const path of [
      "/k/x/api/tags",
      "/api/tags",
      "/api/agents",
      "/v1/models",
      "/ws/agent",
      "/ws/dashboard",
    ]) {
      statuses[path] = (await ask(path)).status;
    }
    for (const path of ["/metrics", "/healthz", "/openapi.json", "/docs"])
      statuses[path] = (await ask(path)).status;
    expect(statuses).toEqual({
      "/k/x/api/tags": 401,
      "/api/tags": 401,
      "/api/agents": 401,
      "/v1/models": 401,
      "/ws/agent": 426,
      "/ws/dashboard": 426,
      "/metrics": 401,
      "/healthz": 200,
      "/openapi.json": 200,
      "/docs": 200,
    });
  });
});
