import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { accessibilityProblems } from "./accessibility.ts";
import { dashboardBuilt } from "./dashboard-build.ts";
import type { TestHost } from "./hosts/host.ts";
import type { PageDocument } from "./in-page.ts";

declare const document: PageDocument;

const ARTEFACTS = fileURLToPath(new URL("../browser/artefacts/", import.meta.url));

export interface DashboardPageOptions {
  language?: "en" | "ja";
  dark?: boolean;
  width?: number;
  height?: number;
  /** Motion is off, so that pictures are alike, unless a test is about it. */
  motion?: boolean;
}

/** The dashboard of a real coordinator in a real browser. */
export class DashboardPage {
  readonly page: Page;
  /** Errors that the page or its console told of, those of the content security policy among them. */
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;
  readonly #host: Pick<TestHost, "url" | "adminToken">;

  private constructor(context: BrowserContext, page: Page, host: Pick<TestHost, "url" | "adminToken">) {
    this.#context = context;
    this.page = page;
    this.#host = host;
  }

  /** A browser of its own, without a session; builds the dashboard where it is not. */
  static async open(
    browser: Browser,
    host: Pick<TestHost, "url" | "adminToken">,
    options: DashboardPageOptions = {},
  ): Promise<DashboardPage> {
    const { language = "en", dark = false, width = 1_280, height = 900, motion = false } = options;
    await dashboardBuilt();
    const context = await browser.newContext({
      viewport: { width, height },
      locale: language === "ja" ? "ja-JP" : "en-GB",
      colorScheme: dark ? "dark" : "light",
      reducedMotion: motion ? "no-preference" : "reduce",
    });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const opened = new DashboardPage(context, page, host);
    page.on("pageerror", (error) => opened.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") opened.complaints.push(`${message.text()} ${message.location().url}`);
    });
    return opened;
  }

  /** @param path below `/dashboard`, such as `/machines` */
  async go(path = ""): Promise<void> {
    await this.page.goto(`${this.#host.url}/dashboard${path}`);
  }

  /** To another page as a link does it: the app stays. */
  async turnTo(path: string): Promise<void> {
    await this.page.evaluate((to) => {
      Reflect.get(globalThis, "history").pushState(null, "", to);
      dispatchEvent(new Event("popstate"));
    }, `/dashboard${path}`);
  }

  /** As the link in the coordinator's first words does it; waits until the page is live. */
  async login(path = "", token: string = this.#host.adminToken): Promise<void> {
    await this.go(`${path}#token=${encodeURIComponent(token)}`);
    await this.page.locator(".connection .dot-ok").waitFor();
  }

  /** Addresses of the pages that the navigation leads to. */
  areas(): Promise<string[]> {
    return this.page
      .locator("nav.sidebar .nav a")
      .evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
  }

  /** As a link of the page does it, without loading anything anew; waits until what it shows is there. */
  async moveTo(href: string): Promise<void> {
    // Not a click: on a phone the navigation is out of sight.
    const to = JSON.stringify(href);
    await this.page.evaluate(
      `history.pushState(null, "", ${to}); dispatchEvent(new PopStateEvent("popstate"))`,
    );
    await this.settled();
  }

  /** Waits until what was asked for is drawn and nothing of it is still being fetched. */
  async settled(): Promise<void> {
    await this.page.locator("main h1").waitFor();
    await this.page.evaluate(async () => {
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    });
    await this.page.waitForFunction(() => document.querySelector("main .skeleton, main .loading") === null);
  }

  /** By the menus of the page itself. */
  async choose(options: { language?: "en" | "ja"; theme?: "light" | "dark" }): Promise<void> {
    await this.page.evaluate(({ language, theme }) => {
      if (language !== undefined) localStorage.setItem("coordinator.language", language);
      if (theme !== undefined) localStorage.setItem("coordinator.theme", theme);
    }, options);
    await this.page.reload();
    await this.page.locator(".connection .dot-ok").waitFor();
  }

  /** Everything that axe finds wrong for people who cannot see, or not use a mouse. */
  async accessibilityProblems(): Promise<string[]> {
    return accessibilityProblems(this.page);
  }

  /** Leaves a picture of what is seen among the artefacts. */
  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(ARTEFACTS, `dashboard-${name}.png`) });
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}
