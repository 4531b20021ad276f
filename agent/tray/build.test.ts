import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { buildTray } from "./build.ts";
import { pageFile } from "./page-file.ts";

test("the built app has all that its window asks for, and its preload script needs only what the sandbox has", async () => {
  const out = await mkdtemp(join(tmpdir(), "tray-"));
  onTestFinished(() => rm(out, { recursive: true, force: true }));
  await buildTray({ out, main: fileURLToPath(new URL("tray.ts", import.meta.url)) });

  expect((await readdir(out)).sort()).toEqual(["icon.ico", "icon.png", "main.mjs", "page", "preload.cjs"]);
  const page = await readdir(join(out, "page"));
  expect(page.sort()).toEqual(["icon.png", "index.html", "page.js", "style.css"]);
  for (const name of page) expect(pageFile(`ollama-agent://settings/${name}`)?.name).toBe(name);

  const preload = await readFile(join(out, "preload.cjs"), "utf8");
  expect([...preload.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual(["electron"]);
  const main = await readFile(join(out, "main.mjs"), "utf8");
  expect(main).toMatch(/from "electron"/);
});
