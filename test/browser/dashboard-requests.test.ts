import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { RequestView } from "../../shared/api/requests.ts";
import { SqlHistory } from "../../worker/db/history.ts";
import { openHistory } from "../../worker/serve/sqlite/databases.ts";
import { request, uuid } from "../../worker/serve/sqlite/testing/memory-history.ts";
import { launchBrowser } from "../support/browser.ts";
import { DashboardPage } from "../support/dashboard-page.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { admin, until } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { watchMainThread } from "../support/main-thread.ts";

const MODEL = "llama3.2:3b";
const HOSTILE = `<img src=x onerror=alert(1)>\u202e${"<b>".repeat(2_000)}`;
const MANY = 10_000;
/** With those of the tests before. */
const ALL = MANY + 7;
/** Rows that were not asked for just now. */
const OLD = Date.parse("2026-01-01T00:00:00.000Z");

let browser: Browser;
let fleet: Fleet;
let dashboard: DashboardPage;
let page: Page;
/** What an answer waits for goes on. */
let free = (): void => {};

beforeAll(async () => {
  const ollama = { models: [MODEL] };
  // The strained one is only asked when the other has failed.
  [browser, fleet] = await Promise.all([
    launchBrowser(),
    startFleet(
      startNodeHost,
      { name: "attic", ollama, cpuPercent: 20 },
      { name: "cellar", ollama, cpuPercent: 95 },
    ),
  ]);
  dashboard = await DashboardPage.open(browser, fleet.host);
  page = dashboard.page;
  await dashboard.login("/requests");
});
afterEach(() => {
  free();
  expect(dashboard.complaints.splice(0)).toEqual([]);
});
afterAll(async () => {
  await dashboard?.close();
  await browser?.close();
  await fleet?.stop();
});

const ask = async (model = MODEL, path = "/api/generate"): Promise<string> => {
  const answer = await fetch(fleet.host.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${fleet.key}`, "content-type": "application/json" },
    body: JSON.stringify({ model, prompt: "hi", messages: [{ role: "user", content: "hi" }] }),
  });
  await answer.text();
  return answer.headers.get("x-request-id") ?? "";
};
const rows = () => page.locator("tbody tr[data-key]");
const kept = (query: string, count: number): Promise<boolean> =>
  until("the history has it", async () => {
    const { items } = await admin<{ items: unknown[] }>(fleet.host, "GET", `/api/admin/requests${query}`);
    return items.length === count;
  });

/** Rows that nobody has asked for, in the coordinator's own database. */
async function keep(written: Parameters<SqlHistory["write"]>[0]): Promise<void> {
  const database = openHistory(join(fleet.host.dataDir, "history.db"));
  await new SqlHistory(database).write(written);
  database.close();
}

test("the first look says how to begin", async () => {
  await page.getByText("No requests right now").waitFor();
  expect(await dashboard.accessibilityProblems()).toEqual([]);
});

test("a request is seen while it runs and becomes a row of the history, without a reload", async () => {
  await page.evaluate(() => Reflect.set(globalThis, "mine", true));
  const gate = Promise.withResolvers<void>();
  free = gate.resolve;
  fleet.machine("attic").ollama.misbehave({
    kind: "raw",
    chunks: ['{"response":"a","done":false}\n', { until: gate.promise }, '{"done":true}\n'],
  });
  const asked = ask();
  await rows().getByText("Streaming").click();
  await page.getByText("It runs now; this page follows it.").waitFor();
  await page.locator(".timeline-moving .timeline-bar.step-stream").waitFor();
  await dashboard.picture("request-running");
  expect(await dashboard.accessibilityProblems()).toEqual([]);
  free();
  await asked;
  await page.getByText("Answered completely").waitFor();
  await page.locator(".requests-steps").getByText("From the first token to the last.").waitFor();
  await page.getByRole("link", { name: "← All requests" }).click();
  await rows().getByText("200", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Pause" }).click();
  await Promise.all([ask(), ask()]);
  await page.getByText("Paused. 2 finished meanwhile.").waitFor();
  expect(await rows().count()).toBe(1);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect.poll(() => rows().count()).toBe(3);
  expect(await page.evaluate(() => Reflect.get(globalThis, "mine"))).toBe(true);
});

test("the waterfall of a request with two tries shows each machine, why it, and how it ended", async () => {
  const always = { path: "/api/chat", times: Number.POSITIVE_INFINITY };
  fleet.machine("attic").ollama.misbehave({ kind: "crash" }, always);
  const id = await ask(MODEL, "/api/chat");
  await rows().first().focus();
  await expect.poll(() => rows().first().getAttribute("data-key")).toBe(id);
  await rows().first().press("Enter");
  await page.locator(".requests-attempts > li").nth(1).waitFor();
  const attempts = await page.locator(".requests-attempts > li").allInnerTexts();
  expect(attempts[0]).toMatch(/attic[\s\S]*over 80 %[\s\S]*could not reach its Ollama/);
  expect(attempts[1]).toMatch(/cellar[\s\S]*had a free slot[\s\S]*Answered completely/);
  const lanes = await page.locator(".timeline-label").allInnerTexts();
  expect(lanes).toEqual(["attic", "cellar"]);
  const drawn = await page.locator(".timeline-bar").evaluateAll((all) => all.map((one) => one.className));
  const told = await page.locator(".requests-steps tbody tr").count();
  expect(drawn).toHaveLength(told);
  expect(drawn.some((name) => name.includes("step-lost"))).toBe(true);
  await dashboard.picture("request-two-tries");
});

test("filters are the address; what is hostile is only text; an empty answer says why and how out of it", async () => {
  await ask(HOSTILE.slice(0, 100));
  await keep({
    requests: [
      request(1, {
        at: new Date(OLD).toISOString(),
        endpoint: HOSTILE,
        model: HOSTILE,
        key_name: HOSTILE,
        status: 404,
        error_code: HOSTILE,
        reason: HOSTILE,
      }),
    ],
    events: [
      {
        id: uuid(2),
        at: new Date(OLD).toISOString(),
        kind: "kind_of_tomorrow",
        actor: HOSTILE,
        agent_id: null,
        detail: JSON.stringify({ name: HOSTILE, [HOSTILE]: { a: [HOSTILE] } }),
      },
    ],
    samples: [],
  });
  await kept("?status=4xx", 2);
  await dashboard.go("/requests?status=4xx");
  await expect.poll(() => rows().count()).toBe(2);
  await rows().last().click();
  await page.getByText("This page does not know it").waitFor();
  await page.getByRole("heading", { level: 1, name: "<img src=x onerror=alert(1)>" }).waitFor();
  expect(await page.locator("main img, main b").count()).toBe(0);
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = Reflect.get(globalThis, "document").documentElement;
    return scrollWidth - clientWidth;
  });
  expect(wide).toBe(0);
  await dashboard.picture("request-hostile");

  await dashboard.go("/requests?status=4xx&model=nobody&last=1h");
  await page.getByText("No request passes these filters").waitFor();
  await dashboard.picture("requests-nothing-passes");
  await page.getByRole("button", { name: "Remove the filter: Model: nobody" }).click();
  await expect.poll(() => rows().count()).toBe(1);
  expect(new URL(page.url()).search).toBe("?status=4xx&last=1h&view=history");
  await page.getByLabel("Filter: Status").selectOption("5xx");
  await page.getByRole("button", { name: "Clear filters" }).last().click();
  await expect.poll(() => rows().count()).toBe(6);

  await ask();
  await kept("", 7);
  await page.getByRole("button", { name: "Show 1 newer" }).click();
  await expect.poll(() => rows().count()).toBe(7);

  // A browser tells of the 404 by itself.
  await dashboard.go(`/requests/${uuid(99)}`);
  await page.getByText("This request is not known").waitFor();
  expect(dashboard.complaints.splice(0).filter((text) => !/404 \(Not Found\)/.test(text))).toEqual([]);
});

test("the file is what the filters leave", async () => {
  await dashboard.go("/requests?status=4xx");
  await rows().first().waitFor();
  const files = [];
  for (const format of ["CSV", "NDJSON"]) {
    const coming = page.waitForEvent("download");
    await page.getByRole("link", { name: `Export requests as ${format}` }).click();
    const file = await coming;
    files.push([
      file.suggestedFilename(),
      readFileSync(await file.path(), "utf8")
        .trim()
        .split("\n").length,
    ]);
  }
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /^Search pages/ }).fill("export ndj");
  const commanded = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  expect((await commanded).suggestedFilename()).toMatch(/ndjson$/);
  const day = new Date().toISOString().slice(0, 10);
  expect(files).toEqual([
    [`requests-${day}.csv`, 3],
    [`requests-${day}.ndjson`, 2],
  ]);
});

test("events come by themselves, in words, with what was before and after; unknown ones do no harm", async () => {
  await dashboard.go("/events");
  await rows().getByText("Machine connected").first().waitFor();
  await admin(fleet.host, "PUT", "/api/admin/settings", { queue: { max_length: 7, timeout_s: 60 } });
  await rows().first().getByText("queue.max_length: 100 → 7").waitFor();
  await rows().first().click();
  await page.getByRole("dialog").locator("ins", { hasText: "7" }).waitFor();
  expect(await dashboard.accessibilityProblems()).toEqual([]);
  await dashboard.picture("event-diff");
  await page.getByRole("link", { name: "Events of this kind" }).click();
  await expect.poll(() => rows().count()).toBe(1);
  expect(new URL(page.url()).search).toBe("?kind=settings_changed");
  await dashboard.go("/events?kind=kind_of_tomorrow");
  await rows().first().click();
  await page.getByText("the coordinator may be newer").waitFor();
  expect(await page.locator("main img, main b, dialog img").count()).toBe(0);
});

test("10,000 rows: never more than 100 in the document, and scrolling keeps no task over 50 ms", async () => {
  const requests = Array.from(
    { length: MANY },
    (_, n): RequestView =>
      request(1_000 + n, { at: new Date(OLD - n * 1_000).toISOString(), key_name: "load" }),
  );
  await keep({ requests, events: [], samples: [] });
  await dashboard.go("/requests?view=history");
  await rows().first().waitFor();
  const main = await watchMainThread(browser, page, async () => {
    const seen = await page.evaluate(async (many) => {
      const frame = () => new Promise((resolve) => Reflect.get(globalThis, "requestAnimationFrame")(resolve));
      const scroller = Reflect.get(globalThis, "document").querySelector(".table-scroll");
      let most = 0;
      let known = 0;
      for (let at = 0; at < 2_000 && known < many; at++) {
        scroller.scrollTop += 10_000;
        await frame();
        most = Math.max(most, scroller.querySelectorAll("tbody tr[data-key]").length);
        known = Number(scroller.querySelector("table").getAttribute("aria-rowcount"));
      }
      return { most, known };
    }, ALL + 1);
    expect(seen.most).toBeLessThanOrEqual(100);
    expect(seen.known).toBe(ALL + 1);
  });
  expect(main.longestCpuMs).toBeLessThan(50);
  await page.getByText("10,007 in all").waitFor();
  await rows().last().focus();
  await page.keyboard.press("Home");
  await expect.poll(() => rows().first().getAttribute("aria-rowindex")).toBe("2");
});

for (const [language, dark] of [
  ["en", false],
  ["ja", true],
] as const) {
  const look = `${language}-${dark ? "dark" : "light"}`;
  test(`everybody can read it, ${look}`, async () => {
    await dashboard.go("/requests?view=live");
    await dashboard.choose({ language, theme: dark ? "dark" : "light" });
    const id = (await rows().nth(2).getAttribute("data-key")) ?? "";
    const problems: Record<string, string[]> = {};
    const lookAt = async (name: string, path: string, shown: string): Promise<void> => {
      await dashboard.turnTo(path);
      await page.locator(shown).first().waitFor();
      problems[name] = await dashboard.accessibilityProblems();
      await dashboard.picture(`${name}-${look}`);
    };
    await lookAt("requests-live", "/requests?view=live", "tbody tr[data-key]");
    await lookAt("requests-history", "/requests?view=history&status=4xx", "tbody tr[data-key]");
    await lookAt("request", `/requests/${id}`, ".requests-steps");
    await lookAt("events", "/events", "tbody tr[data-key]");
    await page.setViewportSize({ width: 375, height: 800 });
    await lookAt("requests-phone", "/requests?view=live", "tbody tr[data-key]");
    if (dark) await lookAt("request-phone", `/requests/${id}`, ".requests-steps");
    await page.setViewportSize({ width: 1_280, height: 900 });
    expect(Object.entries(problems).filter(([, found]) => found.length > 0)).toEqual([]);
  });
}
