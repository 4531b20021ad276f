import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sampleSettings } from "../../agent/tray/testing/sample-status.ts";
import { launchBrowser } from "../support/browser.ts";
import { type PageSite, SettingsWindow, settingsSite } from "../support/settings-window.ts";
import { SCENES, type Scene } from "./scenes.ts";

let browser: Browser;
let site: PageSite;
let opened: SettingsWindow;
beforeAll(async () => {
  [browser, site] = await Promise.all([launchBrowser(), settingsSite()]);
  opened = await SettingsWindow.make(browser, site);
});
afterAll(async () => {
  await opened?.close();
  await browser?.close();
  await site?.close();
});

async function play(scene: Scene): Promise<void> {
  const { program, page } = opened;
  program.owner = scene.settings ?? sampleSettings();
  program.locked = scene.locked ?? [];
  program.log = scene.log ?? [];
  program.become(scene.status);
  if (scene.status.connection.state !== "unconfigured") await page.locator(`#tab-${scene.tab}`).click();
}

for (const [language, dark] of [
  ["en", false],
  ["en", true],
  ["ja", false],
  ["ja", true],
] as const) {
  const look = `${language}-${dark ? "dark" : "light"}`;
  test(`every state can be read by everybody, ${look}`, async () => {
    // High enough for the longest section: what is cut off is in no picture.
    await opened.begin({ language, dark, height: 1_320 });
    const problems: Record<string, string[]> = {};
    for (const scene of SCENES) {
      await play(scene);
      const found = await opened.accessibilityProblems();
      if (found.length > 0) problems[scene.name] = found;
      await opened.picture(`${scene.name}-${look}`);
    }
    expect(problems).toEqual({});
    expect(opened.complaints).toEqual([]);
  });
}
