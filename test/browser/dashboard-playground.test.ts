import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { DashboardPage } from "../support/dashboard-page.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { admin, listAgents, until } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { gradientPng } from "../support/picture.ts";

const NDJSON = { "content-type": "application/x-ndjson" };

let fleet: Fleet;
let browser: Browser;
let dashboard: DashboardPage;
let page: Page;
/** What an answer waits for goes on. */
let free = (): void => {};

beforeAll(async () => {
  const machine = (name: string) => ({ name, ollama: { models: ["tiny:1b", "other:2b"] } });
  [fleet, browser] = await Promise.all([
    startFleet(startNodeHost, machine("attic"), machine("cellar")),
    launchBrowser(),
  ]);
  dashboard = await DashboardPage.open(browser, fleet.host);
  page = dashboard.page;
  await dashboard.login("/playground?model=tiny:1b");
});
afterEach(async () => {
  free();
  // A browser tells of each refusal by itself.
  expect(dashboard.complaints.splice(0).filter((text) => !/404 .*\/api\/chat$/.test(text))).toEqual([]);
});
afterAll(async () => {
  await dashboard?.close();
  await browser?.close();
  await fleet?.stop();
});

const prompt = (): Locator => page.getByRole("textbox", { name: "Prompt" });
const answers = (): Locator => page.locator(".pg-exchange").last().locator(".pg-answer");
const button = (name: string): Locator => page.getByRole("button", { name, exact: true });
const line = (content: string): string => `${JSON.stringify({ message: { content }, done: false })}\n`;
const end = (tokens = 1, seconds = 1): string =>
  `${JSON.stringify({ message: { content: "" }, done: true, done_reason: "stop", eval_count: tokens, eval_duration: seconds * 1e9 })}\n`;

async function ask(text: string): Promise<void> {
  await prompt().fill(text);
  await prompt().press("Enter");
}

async function choose(machine: string, field = "Machine"): Promise<void> {
  await page.getByLabel(field, { exact: true }).selectOption({ label: machine });
}

/** What the next request to a machine is answered with. */
function answerWith(name: string, ...chunks: (string | { until: Promise<void> })[]): void {
  fleet.machine(name).ollama.misbehave({ kind: "raw", headers: NDJSON, chunks });
}

const bodyOf = (name: string) =>
  fleet.machine(name).ollama.seen.findLast(({ url }) => url === "/api/chat")?.body as Record<string, unknown>;

test("an answer streams in, is shown with its marks, and nothing hostile in it does anything", async () => {
  const gate = Promise.withResolvers<void>();
  free = gate.resolve;
  answerWith(
    "attic",
    line("## Plan\n\nFirst **bold** wo"),
    { until: gate.promise },
    line("rds.\n\n```js\nlet a = '<b>';\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"),
    line("<script>alert(1)</script><img src=x onerror=alert(2)>\n\n"),
    line("[go](javascript:alert(3)) [web](https://a.example/) ![pic](https://b.example/p.png)\n\n"),
    line(`\u202eturned ${"x".repeat(10_000)}\n\n<style>*{display:none}</style>`),
    end(),
  );
  await choose("attic");
  await ask("hello");
  const answer = answers().first();
  await answer.getByText("bold", { exact: true }).waitFor();
  expect(await button("Stop").isVisible()).toBe(true);
  free();
  await answer.getByRole("link", { name: "Request" }).waitFor();
  const markdown = answer.locator(".pg-markdown");
  expect(await markdown.locator("h4").textContent()).toBe("Plan");
  expect(await markdown.locator("pre code").textContent()).toBe("let a = '<b>';");
  expect(await markdown.locator("tbody td").allTextContents()).toEqual(["1", "2"]);
  expect(await markdown.locator("script, img, style, svg:not(.icon), iframe, [onerror]").count()).toBe(0);
  const links = await markdown
    .locator("a")
    .evaluateAll((all) => all.map((one) => ["href", "rel", "target"].map((name) => Reflect.get(one, name))));
  const outside = ["noopener noreferrer", "_blank"];
  expect(links).toEqual([
    ["https://a.example/", ...outside],
    ["https://b.example/p.png", ...outside],
  ]);
  const shown = await markdown.textContent();
  expect(shown).toContain("<script>alert(1)</script><img src=x onerror=alert(2)>");
  expect(shown).toContain("go web pic");
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = Reflect.get(globalThis, "document").documentElement;
    return scrollWidth - clientWidth;
  });
  expect(wide).toBe(0);
  expect(await answer.locator(".pg-facts").textContent()).toMatch(/first token.*by attic \(pinned\)/);
});

test("Esc stops in the middle: what had come stays, and the machine's slot is free at once", async () => {
  const gate = Promise.withResolvers<void>();
  free = gate.resolve;
  answerWith("attic", line("half an "), { until: gate.promise }, line("answer"), end());
  await ask("a long story");
  await answers().first().getByText("half an").waitFor();
  await page.keyboard.press("Escape");
  await answers().first().getByText("Stopped", { exact: true }).waitFor();
  const { ollama } = fleet.machine("attic");
  await until("the machine has stopped", () => ollama.inFlight() === 0, 2_000);
  await until(
    "its slot is free",
    async () => (await listAgents(fleet.host)).every((agent) => agent.active_requests === 0),
    2_000,
  );
  expect(await answers().first().textContent()).not.toContain("answer");
  await button("Send").waitFor();
});

const COMPARED = `A **Durable Object** is one instance for the whole world:

| | Worker | Durable Object |
|---|---|---|
| runs | near each client | in one place |
| state | none | its own SQLite |

\`\`\`ts
const stub = env.CELL.get(env.CELL.idFromName("main"));
\`\`\`
`;

test("one prompt goes to two machines, side by side, and each says who it was and how fast", async () => {
  await button("New chat").click();
  await page.getByText("The conversation was cleared.").waitFor();
  await button("Undo").click();
  expect(await page.locator(".pg-exchange").count()).toBe(2);
  await button("New chat").click();
  await button("Compare").click();
  await choose("cellar", "Machine of column 2");
  answerWith("attic", line(COMPARED), end(128, 3.1));
  answerWith("cellar", line(COMPARED), end(131, 1.5));
  await ask("What is a Durable Object?");
  await answers().getByRole("link", { name: "Request" }).nth(1).waitFor();
  expect(await answers().count()).toBe(2);
  for (const [at, name] of ["attic", "cellar"].entries()) {
    const facts = await answers().nth(at).locator(".pg-facts").textContent();
    expect(facts).toMatch(
      new RegExp(`^(41.3|87.3) tokens/s.*first token.*1(28|31) tokens.*queue.*by ${name} \\(pinned\\)`),
    );
    expect(bodyOf(name)).toMatchObject({
      model: "tiny:1b",
      messages: [{ role: "user", content: "What is a Durable Object?" }],
    });
  }
  await dashboard.picture("playground-compare");
  await button("Code").click();
  await page.getByRole("tab", { name: "Python (ollama)" }).click();
  expect(await page.locator(".pg-snippet").textContent()).toContain('"X-Agent": "attic"');
  await page.keyboard.press("Escape");
  await button("One column").click();
});

test("a picture is sent byte for byte, and what is none is refused with the reason", async () => {
  const bytes = gradientPng(
    96,
    Uint8Array.from({ length: 40_000 }, (_, at) => (at * 7) % 256),
  );
  await page.locator("input[type=file]").setInputFiles([
    { name: "cat.png", mimeType: "image/png", buffer: bytes },
    { name: "dog.png", mimeType: "image/png", buffer: Buffer.from("<svg onload=alert(1)>") },
  ]);
  await page.getByText("dog.png is no PNG, JPEG or WebP picture.").waitFor();
  await page.getByRole("button", { name: "Remove the picture cat.png" }).waitFor();
  // The same from the clipboard, and dropped.
  await page.evaluate((base64) => {
    const made = (kind: string, ...given: unknown[]) =>
      Reflect.construct(Reflect.get(globalThis, kind), given);
    const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
    const field = Reflect.get(globalThis, "document").querySelector(".pg-composer textarea");
    for (const [type, kind, carrier] of [
      ["paste", "ClipboardEvent", "clipboardData"],
      ["drop", "DragEvent", "dataTransfer"],
    ] as const) {
      const data = made("DataTransfer") as { items: { add(file: unknown): void } };
      data.items.add(made("File", [bytes], `${type}.png`));
      field.dispatchEvent(made(kind, type, { [carrier]: data, bubbles: true, cancelable: true }));
    }
  }, bytes.toString("base64"));
  for (const name of ["paste", "drop"])
    await page.getByRole("button", { name: `Remove the picture ${name}.png` }).waitFor();
  await button("Remove the picture drop.png").click();
  await ask("what is it?");
  await answers().getByRole("link", { name: "Request" }).waitFor();
  const { messages } = bodyOf("attic") as { messages: { images?: string[] }[] };
  const images = messages.at(-1)?.images?.map((image) => Buffer.from(image, "base64").equals(bytes));
  expect(images).toEqual([true, true]);
});

test("a model that does not exist says so, and what to do", async () => {
  const model = page.getByRole("combobox", { name: "Model" });
  await model.fill("nope");
  await model.press("Enter");
  await choose("Any (the coordinator chooses)");
  await ask("anybody there?");
  const notice = answers().locator(".tone-bad");
  await notice.waitFor();
  expect(await notice.textContent()).toBe(
    "model 'nope' not found · Choose another model, or pull it to a machine.",
  );
  // By parts of its name, with the arrows.
  await model.fill("2b");
  await model.press("ArrowDown");
  await model.press("Enter");
  expect(await model.inputValue()).toBe("other:2b");
});

test("a viewer is told why it cannot send anything", async () => {
  const { token } = await admin<{ token: string }>(fleet.host, "POST", "/api/admin/tokens", {
    name: "guest",
    role: "viewer",
  });
  const visit = await DashboardPage.open(browser, fleet.host);
  await visit.login("/playground", token);
  await visit.page.getByText("You are logged in as a viewer").waitFor();
  const field = visit.page.getByRole("textbox", { name: "Prompt" });
  await field.waitFor();
  expect(await field.isDisabled()).toBe(true);
  await visit.page.getByRole("combobox", { name: "Model" }).waitFor();
  expect(visit.complaints).toEqual([]);
  await visit.close();
});

test("everybody can read it, in light and dark, on a phone and in Japanese", async () => {
  await button("Parameters").click();
  await page.getByRole("combobox", { name: "Model" }).click();
  expect(await dashboard.accessibilityProblems()).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await dashboard.accessibilityProblems()).toEqual([]);
  await dashboard.picture("playground-dark");
  await button("Parameters").click();
  await button("Language").click();
  await page.getByRole("menuitemradio", { name: "日本語" }).click();
  await page.getByRole("heading", { level: 1, name: "プレイグラウンド" }).waitFor();
  await page.setViewportSize({ width: 375, height: 800 });
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = Reflect.get(globalThis, "document").documentElement;
    return scrollWidth - clientWidth;
  });
  expect(wide).toBe(0);
  await dashboard.picture("playground-phone");
});

test("without a machine it says what to do next, the moment the last one is gone", async () => {
  await button("新しいチャット").click();
  for (const { id } of await listAgents(fleet.host)) await admin(fleet.host, "DELETE", `/api/agents/${id}`);
  await page.getByText("まだマシンが接続されていません").waitFor();
  expect(await page.getByRole("link", { name: "マシンを追加" }).getAttribute("href")).toBe(
    "/dashboard/machines",
  );
});
