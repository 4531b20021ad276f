import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { DashboardPage } from "../support/dashboard-page.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { HandMadeAgent, registerAgent } from "../support/hand-made-agent.ts";
import { admin } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";

const SCRIPT = `<img src=x onerror="globalThis.harmed=1"><script>globalThis.harmed=1</script>`;
const HOSTILE_MACHINE = `\u202e${SCRIPT}\u202d`;
const HOSTILE_MODEL = `evil/${SCRIPT}\u2066${"long".repeat(100)}:latest`;

let browser: Browser;
let fleet: Fleet;
let dashboard: DashboardPage;
let hostile: { id: string; token: string };

beforeAll(async () => {
  [browser, fleet] = await Promise.all([
    launchBrowser(),
    startFleet(startNodeHost, {
      name: "tower",
      ollama: { models: ["llama3.2:3b", "qwen3:8b"] },
      flags: ["--allow-manage"],
      cpuPercent: 20,
    }),
  ]);
  [dashboard, hostile] = await Promise.all([
    DashboardPage.open(browser, fleet.host),
    registerAgent(fleet.host, HOSTILE_MACHINE),
  ]);
  await dashboard.login("/machines");
});
// What one test complains of is not counted against the next.
beforeEach(() => void dashboard.complaints.splice(0));
afterAll(async () => {
  await dashboard?.close();
  await browser?.close();
  await fleet?.stop();
});

/** What a machine without a token asks; the code is what it shows on its screen. */
async function askToJoin(name: string): Promise<string> {
  const response = await fetch(`${fleet.host.url}/api/agents/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ machine_name: name, ip_address: "10.0.0.9", ollama_version: "", ollama_port: 1 }),
  });
  const { pairing_code } = (await response.json()) as { pairing_code: string };
  return pairing_code;
}

const isHarmed = () => dashboard.page.evaluate(() => "harmed" in globalThis);
const mark = () => dashboard.page.evaluate(() => Reflect.set(globalThis, "mine", true));
const isMine = () => dashboard.page.evaluate(() => Reflect.get(globalThis, "mine") === true);

test("a machine with a hostile name appears, shows only text, and goes grey when it dies, without a reload", async () => {
  const { page } = dashboard;
  await mark();
  const row = page.locator(`tr[data-key="${hostile.id}"]`);
  await row.getByText("Offline").waitFor();
  const agent = await HandMadeAgent.online(fleet.host, hostile.token, {
    state: {
      ollama: "ok",
      ollama_version: "0.33.0",
      models: [{ name: HOSTILE_MODEL, digest: "abc" }],
      loaded: [{ name: HOSTILE_MODEL }],
      gpus: [{ name: SCRIPT, utilization: 30 }],
    },
  });
  await row.getByText("Ready").waitFor();
  expect(await row.locator("bdi").first().textContent()).toContain("‹U+202E›<img");
  expect((await row.boundingBox())?.height).toBeLessThan(60);

  await page.getByRole("searchbox", { name: "Find a machine" }).fill("tow");
  await row.waitFor({ state: "detached" });
  expect(page.url()).toContain("q=tow");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByRole("button", { name: "CPU" }).click();
  expect(page.url()).toContain("sort=-cpu");

  await row.locator("a").click();
  await page.getByRole("heading", { level: 1 }).getByText("‹U+202E›").waitFor();
  await page.getByRole("table", { name: "Models" }).getByText("evil/").waitFor();
  await page.getByRole("table", { name: "Models" }).getByText("evil/").click();
  await page.getByRole("heading", { level: 1 }).getByText("evil/").waitFor();
  await page.getByRole("table", { name: "On these machines" }).getByText("‹U+202E›").waitFor();
  await page.goBack();
  await page.goBack();

  await agent.close();
  await page.locator(`tr.machines-off[data-key="${hostile.id}"]`).waitFor();
  expect([await isMine(), await isHarmed()]).toEqual([true, false]);
  expect(await page.locator("main img, main script").count()).toBe(0);
  expect(dashboard.complaints).toEqual([]);
});

test("a machine that waits is let in by the code on its screen, and another is turned away", async () => {
  const { page } = dashboard;
  await dashboard.go("/machines");
  const code = await askToJoin("new-desk");
  await askToJoin(HOSTILE_MACHINE);
  await page.getByText("2 machines wait to be let in").waitFor();
  const waiting = page.locator(".machines-waiting");
  await waiting.getByText("10.0.0.9").first().waitFor();
  expect(await page.content()).not.toContain(code);

  await waiting.getByRole("button", { name: "Type the code" }).click();
  expect(page.url()).toContain("pair=1");
  const field = page.getByLabel("Code on the machine's screen");
  await field.and(page.locator(":focus")).waitFor();
  await field.fill("BCDF-0000");
  await field.press("Enter");
  await page.getByRole("alert").getByText("No waiting machine shows this code").waitFor();
  await field.fill(code.toLowerCase().replace("-", " "));
  await field.press("Enter");
  await page.getByText("new-desk is let in").waitFor();
  await page.locator("tbody tr").getByText("new-desk").waitFor();

  const turnAway = waiting.getByRole("button", { name: "Turn away" });
  await turnAway.click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await turnAway.click();
  await page.getByRole("dialog").getByRole("button", { name: "Turn away" }).click();
  await waiting.waitFor({ state: "detached" });
  // The console tells of the wrong code's 404 by itself.
  expect(dashboard.complaints.filter((text) => !/404 \(Not Found\)/.test(text))).toEqual([]);
});

test("a join token comes with its command, and its token is on no command line", async () => {
  const { page } = dashboard;
  await dashboard.go("/machines");
  await page.getByRole("button", { name: "Add a machine" }).click();
  await page.getByRole("tab", { name: "By a join token" }).click();
  await page.getByLabel("Name of the token").fill("attic");
  await page.getByRole("button", { name: "Make the token and show the command" }).click();
  const command = page.getByRole("region", { name: "Command for Linux" });
  expect(await command.textContent()).toMatch(
    /^JOIN_TOKEN=ocj_\S+ npm run agent -- --coordinator-url http:\/\/127\.0\.0\.1:\d+$/,
  );
  const mine = page.locator(".machines-tokens li", { hasText: "attic" });
  await mine.getByRole("button", { name: "Revoke" }).click();
  const asked = page.getByRole("dialog", { name: "Revoke this join token?" });
  await asked.getByRole("button", { name: "Revoke" }).click();
  await mine.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Close" }).last().click();
  expect(dashboard.complaints).toEqual([]);
});

test("a machine is drained, resumed, renamed and removed, and everything can be cancelled", async () => {
  const { page } = dashboard;
  const { id } = await registerAgent(fleet.host, "old-desk");
  await dashboard.go(`/machines/${id}`);
  await page.getByRole("button", { name: "Drain" }).click();
  await page.locator(".page-header").getByText("Drained").waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.locator(".page-header").getByText("Offline").waitFor();

  await page.getByRole("button", { name: "Edit" }).click();
  const name = page.getByLabel("Name", { exact: true });
  await name.fill("<b>desk</b>");
  await page.getByLabel("Note (optional)").fill(SCRIPT);
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".field", { has: name }).getByRole("alert").waitFor();
  expect(await name.inputValue()).toBe("<b>desk</b>");
  await name.fill("desk");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "desk", exact: true }).waitFor();
  await page.getByText(SCRIPT).waitFor();

  const remove = async (answer: string): Promise<void> => {
    await page.getByRole("button", { name: "Actions", exact: true }).click();
    await page.getByRole("menuitem", { name: "Remove…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: answer }).click();
  };
  await remove("Cancel");
  await page.getByRole("heading", { level: 1, name: "desk", exact: true }).waitFor();
  await remove("Remove machine");
  await page.getByRole("heading", { level: 1, name: "Machines" }).waitFor();
  await page.locator("tbody tr").getByText("tower").waitFor();
  await page.locator("tbody tr").getByText("desk", { exact: true }).waitFor({ state: "detached" });
  expect(await isHarmed()).toBe(false);
  // The console tells of the bad name by itself, and of the machine that is asked for while it goes.
  expect(dashboard.complaints.filter((text) => !/40[04] \(/.test(text))).toEqual([]);
});

test("a pull moves while it runs, can be stopped, and a model is deleted from one machine", async () => {
  const { page } = dashboard;
  const { ollama } = fleet.machine("tower");
  await dashboard.go("/models");
  const pullFrom = async (model: string): Promise<void> => {
    await page.getByRole("button", { name: "Pull a model" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Model", { exact: true }).fill(model);
    expect(await dialog.getByRole("row").filter({ hasText: "‹U+202E›" }).textContent()).toContain("offline");
    await dialog.getByRole("checkbox", { name: "tower" }).check();
    await dialog.getByRole("button", { name: "Pull", exact: true }).click();
  };
  const end = Promise.withResolvers<void>();
  const layer = { status: "pulling abc", digest: "sha256:abc", total: 1_000 };
  ollama.misbehave(
    {
      kind: "raw",
      headers: { "content-type": "application/x-ndjson" },
      chunks: [`${JSON.stringify({ ...layer, completed: 420 })}\n`, { until: end.promise }],
    },
    { path: "/api/pull" },
  );
  await pullFrom("held:latest");
  await page.locator('[role="progressbar"][aria-valuenow="42"]').waitFor();
  await dashboard.picture("pull");
  await page.getByRole("button", { name: /^Stop/ }).click();
  await page.locator(".models-pull").getByText("stopped").waitFor();
  end.resolve();

  await pullFrom("fresh:latest");
  await page.locator("tbody tr").getByText("fresh:latest").waitFor();
  await page.locator(".models-pull", { hasText: "fresh" }).getByText("done").waitFor();

  await page.locator("tbody tr a", { hasText: "fresh:latest" }).click();
  const remove = async (answer: string): Promise<void> => {
    await page.getByRole("button", { name: "Delete it from tower" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/This frees .* on tower/).waitFor();
    await dialog.getByRole("button", { name: answer }).click();
  };
  await remove("Cancel");
  expect(ollama.models()).toContain("fresh:latest");
  await remove("Delete model");
  await page.getByText("No machine has this model").waitFor();
  expect(ollama.models()).not.toContain("fresh:latest");
  expect(dashboard.complaints).toEqual([]);
});

test("a placement is set and taken back", async () => {
  const { page } = dashboard;
  await dashboard.go("/models?model=qwen3:8b");
  await page.getByRole("button", { name: "Set a placement" }).click();
  await page.getByLabel("On how many machines").fill("2");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Nothing is being done about what is missing").waitFor();
  await page.getByRole("button", { name: "Change" }).click();
  await page.getByRole("button", { name: "Take the wish back" }).click();
  await page.getByText("No wish: the model stays where it is").waitFor();
  expect(dashboard.complaints).toEqual([]);
});

for (const [language, dark] of [
  ["en", false],
  ["ja", true],
] as const) {
  const look = `${language}-${dark ? "dark" : "light"}`;
  test(`the pages of machines and models can be used by everybody, ${look}`, async () => {
    const { page } = dashboard;
    await dashboard.choose({ language, theme: dark ? "dark" : "light" });
    const [tower] = (await admin<{ id: string; name: string }[]>(fleet.host, "GET", "/api/agents")).filter(
      ({ name }) => name === "tower",
    );
    const views: [string, string, string][] = [
      ["machines", "/machines", "tbody tr"],
      ["add-machine", "/machines?add=token", "dialog form"],
      ["machine", `/machines/${tower?.id}`, ".machines-charts canvas"],
      ["models", "/models?pull=1", "dialog tbody tr"],
      ["model", "/models?model=qwen3:8b", "main tbody tr"],
    ];
    const problems: Record<string, string[]> = {};
    for (const [name, path, ready] of views) {
      await dashboard.go(path);
      await page.locator(ready).first().waitFor();
      const found = await dashboard.accessibilityProblems();
      if (found.length > 0) problems[name] = found;
      await dashboard.picture(`${name}-${look}`);
    }
    expect(problems).toEqual({});
    expect(dashboard.complaints).toEqual([]);
  });
}

test("a viewer sees everything and is told why nothing can be changed", async () => {
  const { token } = await admin<{ token: string }>(fleet.host, "POST", "/api/admin/tokens", {
    name: "watcher",
    role: "viewer",
  });
  const viewer = await DashboardPage.open(browser, fleet.host, { width: 390, height: 844 });
  await viewer.login("/models?model=qwen3:8b", token);
  const button = viewer.page.getByRole("button", { name: "Delete it from tower" });
  await button.waitFor();
  expect(await button.getAttribute("aria-disabled")).toBe("true");
  expect(await button.getAttribute("title")).toContain("viewer");
  expect(await viewer.page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  await viewer.picture("model-phone");
  expect(viewer.complaints).toEqual([]);
  await viewer.close();
});
