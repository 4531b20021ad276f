import { Ollama } from "ollama";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { DashboardPage } from "../support/dashboard-page.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { admin } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";

const HOSTILE = `\u202e<img src=x onerror="globalThis.harmed=1"><script>globalThis.harmed=1</script>`;

let browser: Browser;
let fleet: Fleet;
let dashboard: DashboardPage;

beforeAll(async () => {
  [browser, fleet] = await Promise.all([
    launchBrowser(),
    startFleet(() => startNodeHost({ env: { CORS_ORIGINS: "https://app.example" } }), {
      name: "tower",
      ollama: { models: ["llama3.2:3b"] },
      cpuPercent: 20,
    }),
  ]);
  dashboard = await DashboardPage.open(browser, fleet.host);
  await dashboard.login("/keys");
});
beforeEach(() => void dashboard.complaints.splice(0));
afterAll(async () => {
  await dashboard?.close();
  await browser?.close();
  await fleet?.stop();
});

test("a key is made, copied, used by the ollama client, seen in the usage, revoked and refused", async () => {
  const { page } = dashboard;
  await page.evaluate(() => Reflect.set(globalThis, "mine", true));
  await page.getByRole("button", { name: "Create a key" }).click();
  await page.getByRole("button", { name: "Create the key" }).click();
  await page.getByText("must have at least 1 character").first().waitFor();
  await page.getByLabel("Name", { exact: true }).fill("laptop of Mika");
  await page.getByText("Limits, models and more").click();
  await page.getByLabel("Requests per minute").fill("5");
  await page.getByRole("button", { name: "Create the key" }).click();
  const shown = page.getByRole("region", { name: "The key", exact: true });
  await shown.waitFor();
  await dashboard.picture("key-created");
  // As it is over plain HTTP in a home's network: browsers offer no clipboard there.
  await page.evaluate(() => Object.defineProperty(globalThis, "isSecureContext", { value: false }));
  await page.getByRole("button", { name: "Copy" }).first().click();
  await page.getByText("Copied").first().waitFor();
  const key = (await shown.textContent()) ?? "";
  expect(key).toMatch(/^ock_/);
  const command = await page.getByRole("region", { name: "The ollama program (macOS, Linux)" }).textContent();
  expect(command).toBe(`OLLAMA_HOST=${fleet.host.url}/k/${key} ollama list`);
  await page.getByRole("button", { name: "I have copied it" }).click();
  await shown.waitFor({ state: "detached" });
  await page.keyboard.press("Control+k");
  // What is pasted before the field has the focus goes nowhere.
  const search = page.getByRole("combobox");
  await search.and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Control+v");
  await expect.poll(() => search.inputValue()).toBe(key);
  await page.keyboard.press("Escape");

  const client = new Ollama({ host: `${fleet.host.url}/k/${key}` });
  expect((await client.list()).models.map(({ name }) => name)).toEqual(["llama3.2:3b"]);
  await client.chat({ model: "llama3.2:3b", messages: [{ role: "user", content: "hi" }] });
  const row = page.locator("tbody tr").filter({ hasText: "laptop of Mika" });
  await row.getByText(/[1-5] of 5/).waitFor();
  await dashboard.picture("keys");
  await page.getByRole("tab", { name: "Usage" }).click();
  const used = page.locator("tbody tr").filter({ hasText: "laptop of Mika" });
  await used.waitFor();
  await client.chat({ model: "llama3.2:3b", messages: [{ role: "user", content: "again" }] });
  await page.getByRole("button", { name: "Model", exact: true }).click();
  await page.locator("tbody tr").filter({ hasText: "llama3.2:3b" }).waitFor();
  await dashboard.picture("usage");
  await page.getByRole("button", { name: "Key", exact: true }).click();
  await used.getByRole("link").click();

  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  expect((await client.list()).models.length).toBe(1);
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("button", { name: "Revoke the key" }).click();
  await page.getByRole("tab", { name: "Keys" }).waitFor();
  await expect(client.list()).rejects.toMatchObject({ status_code: 401 });
  await row.waitFor({ state: "detached" });
  expect(await page.evaluate(() => Reflect.get(globalThis, "mine"))).toBe(true);
  // A browser tells of each refused call by itself: the name that was missing.
  expect(dashboard.complaints.filter((text) => !/400 \(Bad Request\)/.test(text))).toEqual([]);
});

test("a key with a hostile name shows only text, in the list and where it is revoked", async () => {
  const { page } = dashboard;
  await admin(fleet.host, "POST", "/api/admin/keys", { name: HOSTILE, models: [HOSTILE] });
  const row = page.locator("tbody tr").filter({ hasText: "‹U+202E›<img" });
  await row.waitFor();
  expect((await row.boundingBox())?.height).toBeLessThan(60);
  await row.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("heading", { name: "Revoke ‹U+202E›<img" }).waitFor();
  await page.keyboard.press("Escape");
  expect(await page.evaluate(() => "harmed" in globalThis)).toBe(false);
  expect(dashboard.complaints).toEqual([]);
});

test("settings: a part is saved, the coordinator's fault stands at its field, and nothing typed is lost", async () => {
  const { page } = dashboard;
  await page.getByRole("link", { name: "Settings" }).click();
  const wait = page.getByRole("spinbutton", { name: "Longest wait" });
  await wait.fill("0");
  await page.getByLabel("Requests that may wait").fill("250");
  expect(await page.getByLabel("Web pages that may call").isDisabled()).toBe(true);
  await page.getByText("Set by the environment", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".setting").filter({ has: wait }).getByText("must be at least 1").waitFor();
  await dashboard.picture("settings-fault");
  expect(await wait.inputValue()).toBe("0");

  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByRole("button", { name: "Stay here" }).click();
  await page.goBack();
  await page.getByRole("button", { name: "Stay here" }).click();
  expect(await wait.inputValue()).toBe("0");
  // Somebody else changes the same setting and another one.
  await admin(fleet.host, "PUT", "/api/admin/settings", { queue: { timeout_s: 77 }, idle_timeout_s: 42 });
  await page.getByText("This was changed elsewhere too").waitFor();
  expect(await page.getByRole("spinbutton", { name: "Longest silence" }).inputValue()).toBe("42");
  expect(await wait.inputValue()).toBe("0");
  await page.getByRole("button", { name: "Use the other value" }).click();
  expect(await wait.inputValue()).toBe("77");
  await page.getByRole("button", { name: "Add an alias" }).click();
  await page.getByLabel("Name that is asked for, row 1").fill("gpt-4o-mini");
  await page.getByLabel("Model that answers, row 1").fill("llama3.2:3b");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The settings were saved").waitFor();
  expect(await admin(fleet.host, "GET", "/api/admin/settings")).toMatchObject({
    queue: { max_length: 250, timeout_s: 77 },
    idle_timeout_s: 42,
    aliases: { "gpt-4o-mini": "llama3.2:3b" },
  });
  await page.getByRole("button", { name: "Reset to default: Longest silence" }).click();
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  expect(dashboard.complaints.filter((text) => !/400 \(Bad Request\)/.test(text))).toEqual([]);
});

test("a viewer's token signs in on a phone, sees everything and changes nothing; revoked, its session ends", async () => {
  const { page } = dashboard;
  await dashboard.go("/keys?tab=access&create=token");
  await page.getByLabel("Name", { exact: true }).fill("wall display");
  await page.getByRole("button", { name: "Create the token" }).click();
  const token = (await page.getByRole("region", { name: "The token", exact: true }).textContent()) ?? "";
  await page.getByRole("button", { name: "I have copied it" }).click();

  const viewer = await DashboardPage.open(browser, fleet.host, { width: 390, height: 844 });
  await viewer.login("/keys", token);
  const create = viewer.page.getByRole("button", { name: "Create a key" });
  await create.waitFor();
  expect(await create.getAttribute("aria-disabled")).toBe("true");
  expect(await create.getAttribute("title")).toContain("viewer");
  await viewer.picture("keys-phone");
  expect(await viewer.page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  await viewer.go("/settings");
  expect(await viewer.page.getByRole("spinbutton", { name: "Longest wait" }).isDisabled()).toBe(true);
  await viewer.picture("settings-phone");
  expect(await viewer.page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  await viewer.go("/keys?tab=access");
  await viewer.page.getByText("Only an administrator can see and make tokens").waitFor();
  expect(viewer.complaints).toEqual([]);

  await page.getByRole("button", { name: "Revoke: wall display" }).click();
  await page.getByRole("button", { name: "Revoke the token" }).click();
  await viewer.page.getByLabel("Token", { exact: true }).waitFor();
  await viewer.close();
});

for (const [language, dark] of [
  ["en", false],
  ["ja", true],
] as const) {
  const look = `${language}-${dark ? "dark" : "light"}`;
  test(`keys, usage, access and settings can be used by everybody, ${look}`, async () => {
    const { page } = dashboard;
    await dashboard.choose({ language, theme: dark ? "dark" : "light" });
    const [key] = (await admin<{ items: { id: string }[] }>(fleet.host, "GET", "/api/admin/keys")).items;
    const views: [string, string, string][] = [
      ["keys", "/keys", "tbody tr"],
      ["usage", "/keys?tab=usage", "tbody tr"],
      ["access", "/keys?tab=access", ".empty"],
      ["create-key", "/keys?create=key", "dialog form"],
      ["key", `/keys/${key?.id}`, ".facts"],
      ["settings", "/settings", ".setting-table"],
    ];
    const problems: Record<string, string[]> = {};
    for (const [name, path, ready] of views) {
      await dashboard.turnTo(path);
      await page.locator(ready).first().waitFor();
      if (name === "create-key") await page.locator("summary").click();
      const found = await dashboard.accessibilityProblems();
      if (found.length > 0) problems[name] = found;
      await dashboard.picture(`${name}-${look}`);
    }
    expect(problems).toEqual({});
    expect(dashboard.complaints).toEqual([]);
  });
}
