import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { DashboardPage } from "../support/dashboard-page.ts";
import { FLAG, startHostileCoordinator } from "../support/hostile-coordinator.ts";
import { faultsOfPage } from "../support/page-faults.ts";

/** What turns a line around or hides: shown only as its number. */
const UNSEEN = /[\u200b\u200f\u202e\u2066\ufeff]/;

const LOOKS = [
  { look: "en-light", language: "en", dark: false, width: 1_280, height: 900, axe: true },
  { look: "ja-dark", language: "ja", dark: true, width: 1_280, height: 900, axe: true },
  { look: "phone", language: "en", dark: true, width: 360, height: 780, axe: false },
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

/** Where the navigation leads, and of each of these pages the first that it leads to in its turn. */
async function everyPage(dashboard: DashboardPage): Promise<string[]> {
  const links = (selector: string): Promise<string[]> =>
    dashboard.page.locator(selector).evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
  const found: string[] = [];
  for (const href of await links("nav.sidebar .nav a")) {
    await dashboard.moveTo(href);
    const deeper = (await links("main a")).filter((to) => to.startsWith(`${href}/`) && !to.includes("?"));
    found.push(href, ...deeper.slice(0, href === "/dashboard" ? 0 : 1));
  }
  return found;
}

test.each(LOOKS)("hostile texts are harmless on every page, $look", async ({ look, axe, ...options }) => {
  const dashboard = await DashboardPage.open(browser, host, options);
  const { page } = dashboard;
  try {
    page.on("dialog", (dialog) => {
      dashboard.complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    await dashboard.login();
    const pages = await everyPage(dashboard);
    expect(pages.length).toBeGreaterThanOrEqual(9);
    const problems: Record<string, string[]> = {};
    for (const href of pages) {
      await dashboard.moveTo(href);
      const faults = await faultsOfPage(page, FLAG, UNSEEN.source);
      problems[href] = [...faults, ...(axe ? await dashboard.accessibilityProblems() : [])];
      const name = href.split("/").slice(2).join("-").replace(/-.*/, "-one") || "overview";
      await dashboard.picture(`hostile-${name}-${look}`);
    }
    expect(problems).toEqual(Object.fromEntries(pages.map((href) => [href, []])));
    expect(dashboard.complaints).toEqual([]);
  } finally {
    await dashboard.close();
  }
});
