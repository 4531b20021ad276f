import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { FakeClock } from "../../agent/testing/fake-clock.ts";
import { httpServer } from "../../agent/testing/http-server.ts";
import { buildPage } from "../../agent/tray/build.ts";
import type { MainIpc } from "../../agent/tray/ipc.ts";
import { chooseLanguage, type Language } from "../../agent/tray/language.ts";
import { serveWindow } from "../../agent/tray/main-handlers.ts";
import { NOW } from "../../agent/tray/testing/sample-status.ts";
import { ScriptedProgram } from "../../agent/tray/testing/scripted-program.ts";
import { view } from "../../agent/tray/view.ts";
import { accessibilityProblems } from "./accessibility.ts";

const ARTEFACTS = fileURLToPath(new URL("../browser/artefacts", import.meta.url));
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".png": "image/png",
};

/** The built page behind a small HTTP server, as Electron's protocol serves it. */
export interface PageSite {
  readonly url: string;
  /** The preload script's bridge over `window.wireInvoke` and `window.wireEmit`. */
  readonly bridge: string;
  close(): Promise<void>;
}

export async function settingsSite(): Promise<PageSite> {
  const folder = await mkdtemp(join(tmpdir(), "settings-page-"));
  await buildPage(folder);
  const server = await httpServer(async (request, response) => {
    const name = new URL(request.url ?? "/", "http://page").pathname.slice(1);
    try {
      const body = await readFile(join(folder, name));
      response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "text/plain" }).end(body);
    } catch {
      response.writeHead(204).end(); // favicon.ico, which a browser asks for by itself
    }
  });
  return {
    url: `${server.url}/index.html`,
    bridge: await bundledBridge(),
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What preload.ts does, with functions of the page in the place of Electron's. */
const BRIDGE_ENTRY = `
import { bridgeOver } from "./bridge.ts";
const listeners = new Map();
window.wireEmit = (channel, payload) => listeners.get(channel)?.(payload);
window.agent = bridgeOver({
  invoke: (channel, payload) => window.wireInvoke(channel, payload),
  on: (channel, listener) => {
    listeners.set(channel, listener);
    return () => listeners.delete(channel);
  },
});`;

async function bundledBridge(): Promise<string> {
  const resolveDir = fileURLToPath(new URL("../../agent/tray", import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents: BRIDGE_ENTRY, resolveDir, loader: "ts" },
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    logLevel: "warning",
  });
  return outputFiles.map((file) => file.text).join("\n");
}

export interface WindowOptions {
  language?: Language;
  dark?: boolean;
  width?: number;
  height?: number;
  program?: ScriptedProgram;
}

/** A settings window in a real browser, with the real handlers behind it and a scripted program behind those. */
export class SettingsWindow {
  readonly page: Page;
  program = new ScriptedProgram();
  clock = new FakeClock();
  now = NOW;
  clipboard = "";
  opened: string[] = [];
  /** Whatever the page complained about. */
  complaints: string[] = [];
  readonly #context: BrowserContext;
  readonly #site: PageSite;
  #system: Language = "en";
  #listeners = new Map<string, (payload: unknown) => Promise<unknown>>();
  #stopServing: () => void = () => {};

  private constructor(context: BrowserContext, page: Page, site: PageSite) {
    this.#context = context;
    this.page = page;
    this.#site = site;
  }

  /** One for many tests: making it takes half a second, `begin` a tenth. */
  static async make(browser: Browser, site: PageSite): Promise<SettingsWindow> {
    const context = await browser.newContext({ reducedMotion: "reduce" });
    const page = await context.newPage();
    const made = new SettingsWindow(context, page, site);
    page.on("pageerror", (error) => made.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") made.complaints.push(message.text());
    });
    await page.exposeFunction("wireInvoke", (channel: string, payload: unknown) => {
      const listener = made.#listeners.get(channel);
      if (listener === undefined) throw new Error(`nobody answers ${channel}`);
      return listener(payload);
    });
    await page.addInitScript({ content: site.bridge });
    return made;
  }

  /** A window as it is right after it was opened, with nothing left of what was there before. */
  async begin(options: WindowOptions = {}): Promise<this> {
    const {
      language = "en",
      dark = false,
      width = 980,
      height = 720,
      program = new ScriptedProgram(),
    } = options;
    this.#stopServing();
    this.program = program;
    this.clock = new FakeClock();
    this.now = NOW;
    this.clipboard = "";
    this.opened = [];
    this.complaints = [];
    this.#system = language;
    this.#listeners = new Map();
    this.#stopServing = serveWindow(this.#ipc(), {
      program,
      describe: () => this.#view().window,
      openExternal: async (url) => {
        this.opened.push(url);
      },
      clipboard: {
        read: async () => this.clipboard,
        write: async (text) => {
          this.clipboard = text;
        },
      },
      clock: this.clock,
      today: () => this.now,
    });
    const { page } = this;
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    await page.goto(this.#site.url);
    await page.locator("h1").waitFor();
    return this;
  }

  #ipc(): MainIpc {
    return {
      handle: (channel, listener) => {
        this.#listeners.set(channel, listener);
        return () => this.#listeners.delete(channel);
      },
      // A page that is being closed, or loaded anew, has no use for it.
      send: (channel, payload) =>
        void this.page
          .evaluate(([name, value]) => Reflect.get(globalThis, "wireEmit")(name, value), [
            channel,
            payload,
          ] as const)
          .catch(() => {}),
    };
  }

  #view() {
    const { settings, locked } = this.program.settings();
    return view({
      status: this.program.status(),
      settings,
      locked,
      language: chooseLanguage(settings.language, [this.#system]),
      dark: false,
      appVersion: "0.1.0",
      log: this.program.recentLog(),
      now: this.now,
      timeZone: "UTC",
    });
  }

  /** Lets the second pass in which everything is shown anew. */
  tick(seconds = 1): void {
    this.now = new Date(this.now.getTime() + seconds * 1_000);
    this.clock.advance(seconds * 1_000);
  }

  /** What axe finds wrong, one line for each element. */
  async accessibilityProblems(): Promise<string[]> {
    return accessibilityProblems(this.page);
  }

  /** Leaves a picture of what is seen among the artefacts. */
  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
  }

  async close(): Promise<void> {
    this.#stopServing();
    await this.#context.close();
  }
}
