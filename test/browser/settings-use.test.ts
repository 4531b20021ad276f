import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { sampleSettings, sampleStatus } from "../../agent/tray/testing/sample-status.ts";
import { ScriptedProgram } from "../../agent/tray/testing/scripted-program.ts";
import { launchBrowser } from "../support/browser.ts";
import {
  type PageSite,
  SettingsWindow,
  settingsSite,
  type WindowOptions,
} from "../support/settings-window.ts";
import { INSTALL, PAIRING } from "./scenes.ts";

let browser: Browser;
let site: PageSite;
let opened: SettingsWindow;
beforeAll(async () => {
  [browser, site] = await Promise.all([launchBrowser(), settingsSite()]);
  opened = await SettingsWindow.make(browser, site);
});
afterEach(() => {
  expect(opened.complaints).toEqual([]);
});
afterAll(async () => {
  await opened?.close();
  await browser?.close();
  await site?.close();
});

const open = (options: WindowOptions = {}): Promise<SettingsWindow> => opened.begin(options);
function newProgram(): ScriptedProgram {
  const program = new ScriptedProgram();
  program.current = sampleStatus({ coordinator_url: null, connection: { state: "unconfigured" } });
  program.owner = sampleSettings({ coordinator_url: null });
  return program;
}
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => Reflect.get(globalThis, "document").activeElement.id);
const section = (page: Page, name: string) => page.getByRole("tab", { name }).click();

describe("the first day", () => {
  test("an address is typed without https, by keyboard alone, and the machine asks to be let in", async () => {
    const program = newProgram();
    const { page } = await open({ program });
    await page.waitForFunction(() => Reflect.get(globalThis, "document").activeElement.id === "address");
    await page.keyboard.type("llm.example.com");
    await page.keyboard.press("Enter");
    await expect
      .poll(() => program.asked)
      .toEqual([{ type: "configure", settings: { coordinator_url: "https://llm.example.com" } }]);
    program.become({ coordinator_url: "https://llm.example.com", connection: PAIRING });
    await page.getByText("KWXT-4827", { exact: true }).waitFor();
    // The field is gone, the focus is not.
    expect(await focused(page)).toBe("heading");
  });

  test("what is no address is refused in place, and can be mended", async () => {
    const program = newProgram();
    const { page } = await open({ program });
    await page.locator("#address").fill("ftp://files");
    await page.getByRole("button", { name: "Connect" }).click();
    expect(await page.getByRole("alert").textContent()).toBe("An address begins with https:// or http://.");
    expect(await page.locator("#address").getAttribute("aria-invalid")).toBe("true");
    expect(await focused(page)).toBe("address");
    await opened.picture("address-refused");
    await page.locator("#address").fill("http://nas.local:8080");
    await page.getByText("not encrypted").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    expect(program.asked).toEqual([]);
  });

  test("an address is pasted, and nothing else that the clipboard holds", async () => {
    const window = await open({ program: newProgram() });
    window.clipboard = "my secret";
    await window.page.getByRole("button", { name: "Paste" }).click();
    await window.page.getByText("There is no address on the clipboard.").waitFor();
    window.clipboard = "https://llm.example.com/dashboard";
    await window.page.getByRole("button", { name: "Paste" }).click();
    await expect.poll(() => window.page.locator("#address").inputValue()).toBe(window.clipboard);
  });
});

test("a pairing code counts down, can be copied, and can be asked for again", async () => {
  const window = await open();
  const { page, program } = window;
  program.become({ connection: PAIRING });
  await page.getByText("Valid for 9:05").waitFor();
  window.tick(5);
  await page.getByText("Valid for 9:00").waitFor();
  await page.getByRole("button", { name: "Copy code" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect(window.clipboard).toBe("KWXT-4827");
  await page.getByRole("button", { name: "Open dashboard" }).click();
  await expect.poll(() => window.opened).toEqual(["https://llm.example.com/dashboard"]);
  program.become({ connection: { state: "not_paired", why: "expired", message: "10 minutes are over." } });
  await page.getByRole("button", { name: "Ask again" }).click();
  await expect.poll(() => program.asked).toEqual([{ type: "pair" }]);
});

test("an install is agreed to, followed and ended, and what went wrong is said", async () => {
  const { page, program } = await open();
  const ollama = { ...sampleStatus().ollama, source: "none", state: "absent", models: [] } as const;
  program.become({
    ollama: { ...ollama, models: [] },
    question: { kind: "install", version: "0.32.1", download_bytes: 1_500_000_000, directory: "ollama" },
  });
  await page.getByText("Version 0.32.1 can be downloaded (1.5 GB)").waitFor();
  await page.getByRole("button", { name: "Install", exact: true }).click();
  await expect.poll(() => program.asked).toEqual([{ type: "answer", yes: true, to: "install" }]);

  const bar = page.getByRole("progressbar", { name: "Installing Ollama 0.32.1" });
  program.become({ question: null, job: { ...INSTALL, step: "looking_up", progress: null } });
  await bar.waitFor();
  expect(await bar.getAttribute("value")).toBeNull();
  for (const [done, percent] of [
    [150_000_000, "10%"],
    [750_000_000, "50%"],
    [1_499_000_000, "99%"],
  ] as const) {
    program.become({ job: { ...INSTALL, progress: { ...at(done), bytes_per_s: 12_400_000, eta_s: 61 } } });
    await page.getByText(percent, { exact: true }).waitFor();
  }
  await page.getByText("12.4 MB/s · about 1 minute left").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect.poll(() => program.asked.at(-1)).toEqual({ type: "cancel" });

  program.become({ job: null, failure: { kind: "install", message: "The disk is full." } });
  expect(await page.getByRole("alert").textContent()).toContain("The disk is full.");
});
const at = (done_bytes: number) => ({ done_bytes, total_bytes: 1_500_000_000 });

test("what somebody is typing, and where, survives everything that happens meanwhile", async () => {
  const { page, program } = await open();
  await page.locator("#address").fill("https://other.exam");
  await page
    .locator("#address")
    .evaluate((field) => Reflect.apply(Reflect.get(field, "setSelectionRange"), field, [8, 8]));
  for (let running = 1; running <= 20; running++)
    program.become({ running, job: running % 2 === 0 ? INSTALL : null });
  await page.locator(".status-headline", { hasText: "Answering 20 requests" }).waitFor();
  expect(await page.locator("#address").inputValue()).toBe("https://other.exam");
  expect(await focused(page)).toBe("address");
  expect(await page.locator("#address").evaluate((field) => Reflect.get(field, "selectionStart"))).toBe(8);
});

test("every section and every control is reached by keyboard alone", async () => {
  const { page, program } = await open();
  const press = (key: string): Promise<void> => page.keyboard.press(key);
  const chosen = () => page.getByRole("tab", { selected: true }).textContent();
  await press("Tab");
  expect(await focused(page)).toBe("tab-connection");
  await press("ArrowUp");
  expect([await chosen(), await focused(page)]).toEqual(["Log", "tab-log"]);
  await press("Home");
  await press("ArrowDown");
  expect([await chosen(), await focused(page)]).toEqual(["Sharing", "tab-sharing"]);
  // One stop for all tabs; then the section's own controls.
  await press("Tab");
  expect(await page.evaluate(() => Reflect.get(globalThis, "document").activeElement.textContent)).toBe(
    "For 1 hour",
  );
  for (let stop = 0; stop < 3; stop++) await press("Tab");
  expect(await focused(page)).toBe("mains");
  await press("Space");
  await expect.poll(() => program.owner.sharing.mains_only).toBe(true);
  expect(await page.getByRole("switch", { name: "Only while plugged in" }).isChecked()).toBe(true);
  expect(await focused(page)).toBe("mains");
});

test("a setting that is refused goes back, and says why", async () => {
  const { page, program } = await open();
  await section(page, "Sharing");
  program.answer = () => ({ ok: false, error: "settings.json cannot be written" });
  const cloud = page.getByRole("switch", { name: "cloud models" });
  await cloud.click();
  await page.getByText("settings.json cannot be written").waitFor();
  expect(await cloud.isChecked()).toBe(false);
});

test("a number out of range is refused in the page's own language", async () => {
  const { page, program } = await open({ language: "ja" });
  await section(page, "共有");
  await page.locator("#concurrency").fill("0");
  await page.locator("#concurrency").blur();
  await page.getByText("1 から 1,024 までの整数を入力してください。").waitFor();
  await page.locator("#concurrency").fill("3");
  await page.locator("#concurrency").blur();
  await expect.poll(() => program.owner.max_concurrency).toBe(3);
});

test("times are added, changed and removed", async () => {
  const { page, program } = await open();
  await section(page, "Sharing");
  await page.getByRole("switch", { name: "Only at certain times" }).click();
  const first = page.getByRole("group", { name: "Time 1" });
  await first.getByRole("checkbox", { name: "Sunday" }).click();
  await first.getByLabel("From").fill("20:30");
  await first.getByLabel("To").focus();
  await expect
    .poll(() => program.owner.sharing.schedule)
    .toEqual([{ days: [1, 2, 3, 4, 5, 6], from: "20:30", to: "07:00" }]);
  await page.getByRole("button", { name: "Add a time" }).click();
  await page.getByRole("button", { name: "Remove time 1" }).click();
  await expect
    .poll(() => program.owner.sharing.schedule)
    .toEqual([{ days: [0, 1, 2, 3, 4, 5, 6], from: "22:00", to: "07:00" }]);
  expect(program.asked.every(({ type }) => type === "configure")).toBe(true);
});

test("what cannot be undone asks back, and Escape means no", async () => {
  const { page, program } = await open();
  await section(page, "Ollama");
  const remove = page.getByRole("button", { name: "Remove Ollama" });
  await remove.click();
  await page.getByRole("dialog").waitFor();
  expect(await opened.accessibilityProblems()).toEqual([]);
  await opened.picture("asking-back");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  expect(program.asked).toEqual([]);
  await remove.click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove Ollama" }).click();
  await expect.poll(() => program.asked).toEqual([{ type: "uninstall" }]);
});

test("the language is changed at once, and found again in its own name", async () => {
  const { page, program } = await open();
  await section(page, "General");
  await page.getByLabel("Language").selectOption({ label: "日本語" });
  await page.getByRole("heading", { name: "全般" }).waitFor();
  expect(program.owner.language).toBe("ja");
  expect(await page.locator("html").getAttribute("lang")).toBe("ja");
  await page.getByLabel("言語").selectOption({ label: "English" });
  await page.getByRole("heading", { name: "General" }).waitFor();
});

test("what is fixed from outside cannot be changed, and says so", async () => {
  const { page, program } = await open();
  program.locked = ["sharing", "coordinator_url"];
  program.become({});
  await page.getByText("It was set when this program was started.").waitFor();
  expect(await page.locator("#address").isDisabled()).toBe(true);
  await section(page, "Sharing");
  expect(await page.getByRole("switch", { name: "Only while plugged in" }).isDisabled()).toBe(true);
  expect(await page.getByRole("switch", { name: "cloud models" }).isDisabled()).toBe(false);
});

test("the narrowest window hides nothing beside its edge, and everybody can still read it", async () => {
  const { page } = await open({ width: 320 });
  for (const name of ["Sharing", "Ollama", "General", "Log", "Connection"]) {
    await section(page, name);
    const overflow = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = Reflect.get(globalThis, "document").documentElement;
      return scrollWidth - clientWidth;
    });
    expect(overflow, name).toBe(0);
    await opened.picture(`narrow-${name.toLowerCase()}`);
  }
  expect(await opened.accessibilityProblems()).toEqual([]);
});

test("the page runs no script but its own", async () => {
  const window = await open();
  await window.page.evaluate(() => {
    const document = Reflect.get(globalThis, "document");
    const script = document.createElement("script");
    script.textContent = "globalThis.foreign = true";
    document.head.append(script);
  });
  expect(await window.page.evaluate(() => Reflect.get(globalThis, "foreign"))).toBeUndefined();
  expect(window.complaints.splice(0).join()).toMatch(/Content Security Policy/);
});
