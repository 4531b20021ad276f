import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { PAGE_POLICY, PAGE_URL, pageFile } from "./page-file.ts";

test("the page's own files are served, and no path leads to another one", () => {
  expect(pageFile(PAGE_URL)).toEqual({ name: "index.html", type: "text/html; charset=utf-8" });
  for (const address of [
    "ollama-agent://settings/",
    "ollama-agent://settings/../main.js",
    "ollama-agent://settings/%2e%2e/main.js",
    "ollama-agent://settings/..%5cmain.js",
    "ollama-agent://settings/__proto__",
    "ollama-agent://other/index.html",
    "file:///index.html",
    "https://settings/index.html",
    "nonsense",
  ]) {
    expect(pageFile(address), address).toBeUndefined();
  }
});

test("the page carries the same policy as its answer, which can say more", () => {
  const html = readFileSync(fileURLToPath(new URL("page/index.html", import.meta.url)), "utf8");
  const [, inPage = ""] = /content="(default-src[^"]*)"/.exec(html) ?? [];
  expect(PAGE_POLICY).toBe(`${inPage}; frame-ancestors 'none'`);
});
