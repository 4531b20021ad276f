import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { dashboardBuilt } from "../../test/support/dashboard-build.ts";
import { ASSETS, buildDashboard, DASHBOARD, dashboardFiles, dashboardModules } from "./dashboard.ts";
import { embeddedDashboard } from "./embed-dashboard.ts";
import { licenceNotice } from "./licences.ts";

/** What the shell may weigh on its way, bytes. */
const MOST_BYTES = 120_000;

beforeAll(dashboardBuilt, 60_000);

const read = (path: string): string => readFileSync(join(DASHBOARD, path), "utf8");
const loadedAtOnce = (): string[] =>
  [...read("index.html").matchAll(/(?:src|href)="\/dashboard\/([^"]+)"/g)].map((match) => match[1] ?? "");

test("the login and the overview need at most 120 KB", () => {
  const files = ["index.html", ...loadedAtOnce()];
  expect(files.length).toBeGreaterThan(2);
  const sizes = files.map((path) => gzipSync(readFileSync(join(DASHBOARD, path))).byteLength);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_BYTES);
});

test("charts, chat and schemas are not in what is loaded at once", () => {
  const code = loadedAtOnce()
    .filter((path) => path.endsWith(".js"))
    .map(read)
    .join("\n");
  expect(code).not.toMatch(/uPlot|u-legend|ZodObject|_zod|DOMPurify/);
});

test("no file needs what the content security policy forbids", () => {
  const page = read("index.html");
  expect(page).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\son\w+=|style=/);
  for (const path of dashboardFiles()) {
    if (path.endsWith(".js")) expect(read(path), path).not.toMatch(/\beval\(|new Function\(/);
    if (path.endsWith(".css")) expect(read(path), path).not.toMatch(/url\(["']?(https?:|\/\/)|@import/);
  }
});

test("every file but the pages has a name that changes with what is in it", () => {
  const others = dashboardFiles().filter((path) => !path.endsWith(".html"));
  for (const path of others) expect(path).toMatch(/^assets\/[\w-]+-[\w-]{8}\.\w+$/);
});

test("Cloudflare is told to keep the hashed files for ever", () => {
  expect(readFileSync(join(ASSETS, "_headers"), "utf8")).toMatch(/^\/dashboard\/assets\/\*\n.*immutable/);
});

test("the licences of what is in it are found", () => {
  const packages = new Set(
    dashboardModules().map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]),
  );
  expect([...packages]).toEqual(expect.arrayContaining(["preact", "@preact/signals"]));
  expect(licenceNotice([embeddedDashboard()], "Node's")).toContain("preact ");
});

test("nothing is built again when nothing has changed", async () => {
  const began = performance.now();
  expect(await buildDashboard()).toBe(false);
  expect(performance.now() - began).toBeLessThan(1_000);
});
