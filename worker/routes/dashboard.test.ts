import { OpenAPIHono } from "@hono/zod-openapi";
import { expect, test } from "vitest";
import type { AppEnv, Host } from "../host.ts";
import { PATH_KEY_HEADER } from "../middleware/path-key.ts";
import { dashboard } from "./dashboard.ts";

function ask(
  path: string,
  headers: Record<string, string> = {},
  files: Record<string, string> = { "index.html": "page", "assets/a.js": "code" },
) {
  const app = new OpenAPIHono<AppEnv>();
  app.use((c, next) => {
    // The routes use nothing else of it.
    c.set("host", {
      asset: async (_c, name) => (files[name] === undefined ? undefined : new Response(files[name])),
    } as Pick<Host, "asset"> as Host);
    return next();
  });
  dashboard(app);
  app.get("/", (c) => c.text("Ollama is running"));
  return app.request(path, { headers });
}

test("a browser that opens the coordinator is sent to the dashboard, and a client is not", async () => {
  const browser = await ask("/", { accept: "text/html,application/xhtml+xml,*/*;q=0.8" });
  expect([browser.status, browser.headers.get("location")]).toEqual([302, "/dashboard"]);
  for (const headers of [{}, { accept: "*/*" }, { accept: "text/html", [PATH_KEY_HEADER]: "ock_x" }]) {
    expect(await (await ask("/", headers)).text()).toBe("Ollama is running");
  }
});

test("every path of the app is the page, under a policy that lets nothing in from elsewhere", async () => {
  for (const path of ["/dashboard", "/dashboard/machines/abc", "/dashboard/no/such/page"]) {
    const response = await ask(path);
    expect([response.status, await response.text()]).toEqual([200, "page"]);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    expect(response.headers.get("cache-control")).toBe("no-cache");
  }
});

test("a file that is gone is not answered with the page", async () => {
  expect(await (await ask("/dashboard/assets/a.js")).text()).toBe("code");
  const gone = await ask("/dashboard/assets/old-12345678.js");
  expect([gone.status, await gone.text()]).toEqual([404, "404 no such file of the dashboard"]);
});

test("without a build the page says how to make one", async () => {
  const response = await ask("/dashboard", {}, {});
  expect(response.status).toBe(503);
  expect(await response.text()).toContain("node scripts/build-dashboard.ts");
});
