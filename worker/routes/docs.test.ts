import { expect, test } from "vitest";
import { createApp } from "../app.ts";
import { bench } from "./management/testing/bench.ts";

async function appWith(files: Record<string, string>) {
  const { host } = await bench({ adminTokenHash: undefined });
  return createApp(() => ({
    ...host,
    asset: async (_, path) => (files[path] === undefined ? undefined : new Response(files[path])),
  }));
}

test("the page is there for anyone, and runs nothing that is inline or from elsewhere", async () => {
  const app = await appWith({ "docs/index.html": "<html>docs" });
  const response = await app.request("/docs");
  expect(response.status).toBe(200);
  expect(await response.text()).toBe("<html>docs");
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
});

test("with a slash it leads to the same page", async () => {
  const response = await (await appWith({})).request("/docs/");
  expect([response.status, response.headers.get("location")]).toEqual([301, "/docs"]);
});

test("one that is not built says what to do", async () => {
  const response = await (await appWith({})).request("/docs");
  expect(response.status).toBe(503);
  expect(await response.text()).toContain("build-dashboard");
});
