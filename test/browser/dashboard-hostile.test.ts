import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { DashboardPage } from "../support/dashboard-page.ts";
import { FLAG, startHostileCoordinator } from "../support/hostile-coordinator.ts";
import { faultsOfPage } from "../support/page-faults.ts";

/** What turns a line around or hides: shown only as its number. */
const UNSEEN = /[\u200b\u200f\u202e\u2066\ufeff]/;

const LOOKS = [
  { name: "en-light", language: "en", dark: false, width: 1_280, height: 900, axe: true },
  { name: "ja-dark", language: "ja", dark: true, width: 1_280, height: 900, axe: true },
  { name: "phone", language: "en", dark: true, width: 360, height: 780, axe: false },
] as const;

let browser: Browser;
let host: Awaited<ReturnType<typeof startHostileCoordinator>>;

beforeAll(async () => {
  [browser, host] = await Promise.all([launchBrowser(), startHostileCoordinator()]);
});
afterAll(async () => {
  await browser?.close();
  await host?.stop();
});

/** Opens what a row of this page's list leads to, a page or a dialog; whether there was one. */
async function openRow(dashboard: DashboardPage): Promise<boolean> {
  const rows = dashboard.page.locator("main tr.opens");
  if ((await rows.count()) === 0) return false;
  const hostile = rows.filter({ hasText: /<img|WWWW/ });
  await ((await hostile.count()) > 0 ? hostile : rows).first().press("Enter");
  await dashboard.settled();
  return true;
}

test.each(LOOKS)("hostile texts are harmless on every page, $name", async ({ name, axe, ...options }) => {
  const dashboard = await DashboardPage.open(browser, host, options);
  const { page } = dashboard;
  try {
    page.on("dialog", (dialog) => {
      dashboard.complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await dashboard.login();
    const problems: Record<string, string[]> = {};
    const look = async (at: string): Promise<void> => {
      const faults = await faultsOfPage(page, FLAG, UNSEEN.source);
      problems[at] = [...faults, ...(axe ? await dashboard.accessibilityProblems() : [])];
      await dashboard.picture(`hostile-${at}-${name}`);
    };
    for (const href of await dashboard.areas()) {
      const area = href.split("/")[2] ?? "overview";
      await dashboard.moveTo(href);
      await look(area);
      const tabs = page.locator("main [role=tab]");
      for (let at = 1; at < (await tabs.count()); at++) {
        await tabs.nth(at).click();
        await dashboard.settled();
        await look(`${area}-${at + 1}`);
        await dashboard.moveTo(href);
      }
      if (await openRow(dashboard)) await look(`${area}-one`);
    }
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").last().fill("img");
    await page.getByRole("option").filter({ hasText: "<img" }).first().waitFor();
    await look("palette");
    expect(Object.keys(problems).length).toBeGreaterThanOrEqual(9);
    expect(Object.fromEntries(Object.entries(problems).filter(([, all]) => all.length > 0))).toEqual({});
    expect(dashboard.complaints).toEqual([]);
  } finally {
    await dashboard.close();
  }
});
