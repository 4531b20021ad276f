import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { DashboardPage } from "../support/dashboard-page.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";

let browser: Browser;
let fleet: Fleet;
let dashboard: DashboardPage;

beforeAll(async () => {
  [browser, fleet] = await Promise.all([
    launchBrowser(),
    startFleet(startNodeHost, { name: "tower", ollama: { models: ["llama3.2:3b"] }, cpuPercent: 20 }),
  ]);
  dashboard = await DashboardPage.open(browser, fleet.host);
});
afterAll(async () => {
  await dashboard?.close();
  await browser?.close();
  await fleet?.stop();
});

test("a wrong token is told with what to do, and the right one comes in", async () => {
  const { page } = dashboard;
  await dashboard.go();
  expect(await dashboard.accessibilityProblems()).toEqual([]);
  await dashboard.picture("login");
  const field = page.getByLabel("Token", { exact: true });
  await field.fill("oct_wrong");
  await field.press("Enter");
  await page.getByRole("alert").getByText("This token is not known").waitFor();
  expect(await dashboard.accessibilityProblems()).toEqual([]);
  await field.fill(fleet.host.adminToken);
  await field.press("Enter");
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  // A browser tells of each 401 by itself: the question who this is, and the wrong token.
  expect(dashboard.complaints.splice(0).filter((text) => !/401 \(Unauthorized\)/.test(text))).toEqual([]);
  await page.getByRole("button", { name: "Your session" }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await field.waitFor();
  expect(dashboard.complaints).toEqual([]);
});

test("the link of the start logs in, and its token is in no address afterwards", async () => {
  const { page } = dashboard;
  await dashboard.login("/about");
  expect(page.url()).toBe(`${fleet.host.url}/dashboard/about`);
  await page.goBack();
  expect(page.url()).not.toContain("token");
  expect(dashboard.complaints).toEqual([]);
});

for (const [language, dark] of [
  ["en", false],
  ["ja", true],
] as const) {
  const look = `${language}-${dark ? "dark" : "light"}`;
  test(`the overview, the palette and About can be used by everybody, ${look}`, async () => {
    const { page } = dashboard;
    await dashboard.login();
    await dashboard.choose({ language, theme: dark ? "dark" : "light" });
    await page.locator(".tile").getByText("tower").waitFor();
    const problems: Record<string, string[]> = { overview: await dashboard.accessibilityProblems() };
    await dashboard.picture(`overview-${look}`);

    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("tow");
    await page.getByRole("option", { name: "tower" }).waitFor();
    problems.palette = await dashboard.accessibilityProblems();
    await dashboard.picture(`palette-${look}`);
    await page.keyboard.press("Escape");

    await page.keyboard.press("g");
    await page.keyboard.press("a");
    await page.locator(".facts").first().waitFor();
    problems.about = await dashboard.accessibilityProblems();
    await dashboard.picture(`about-${look}`);
    expect(problems).toEqual({ overview: [], palette: [], about: [] });
    expect(dashboard.complaints).toEqual([]);
  });
}

test("what happens is seen without loading anything again, and a lost connection says so and comes back", async () => {
  const { page } = dashboard;
  await dashboard.login();
  await dashboard.choose({ language: "en", theme: "light" });
  await page.evaluate(() => Reflect.set(globalThis, "mine", true));
  const gate = Promise.withResolvers<void>();
  const { ollama, agent } = fleet.machine("tower");
  ollama.misbehave({
    kind: "raw",
    chunks: ['{"response":"a","done":false}\n', { until: gate.promise }, '{"done":true}\n'],
  });
  const asked = fetch(`${fleet.host.url}/api/generate`, {
    method: "POST",
    headers: { authorization: `Bearer ${fleet.key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "llama3.2:3b", prompt: "hi" }),
  });
  await page.locator(".tile-busy").waitFor();
  gate.resolve();
  await (await asked).text();
  await page.locator(".tile-busy").waitFor({ state: "detached" });

  await fleet.host.restart();
  await page.getByText("Not connected to the coordinator since").waitFor();
  await dashboard.picture("lost");
  await page.locator(".connection .dot-ok").waitFor({ timeout: 20_000 });
  await agent.end("SIGKILL");
  await page.getByText("No machine can take work now").waitFor();
  expect(await page.evaluate(() => Reflect.get(globalThis, "mine"))).toBe(true);
});
