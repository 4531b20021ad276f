import { beforeEach, describe, expect, test, vi } from "vitest";
import { PAGE_URL } from "./page-file.ts";
import { app, powerMonitor, resetElectron, told } from "./testing/fake-electron.ts";
import { sampleStatus } from "./testing/sample-status.ts";
import { ScriptedProgram } from "./testing/scripted-program.ts";
import { type RunningAgent, runTray } from "./tray.ts";

vi.mock("electron", () => import("./testing/fake-electron.ts"));

beforeEach(() => resetElectron());

/** The tray with a scripted program, once it is there. */
async function started(change: Partial<RunningAgent> = {}) {
  const program = new ScriptedProgram();
  const calls: string[] = [];
  const stopped = Promise.withResolvers<void>();
  const agent: RunningAgent = {
    program,
    ended: new Promise(() => {}),
    woke: () => calls.push("woke"),
    stop: () => {
      calls.push("stop");
      return stopped.promise;
    },
    ...change,
  };
  runTray("built", async () => agent);
  await vi.waitFor(() => expect(told.trays).toHaveLength(1));
  return { program, calls, stopped };
}
function onlyWindow() {
  const [window, ...more] = told.windows;
  if (window === undefined || more.length > 0) throw new Error(`${told.windows.length} windows`);
  return window;
}
const sessionRule = (name: string, ...args: unknown[]): unknown => {
  const rule = told.session.get(name);
  if (rule === undefined) throw new Error(`no ${name}`);
  return Reflect.apply(rule, undefined, args);
};

describe("the program", () => {
  test("runs once: a second one leaves, and the first one shows its window", async () => {
    told.firstInstance = false;
    runTray("built", () => Promise.reject(new Error("not to be started")));
    expect(told.exits).toEqual([0]);
    resetElectron();
    await started();
    expect(told.windows).toHaveLength(0);
    app.emit("second-instance");
    app.emit("second-instance");
    expect(onlyWindow().shown).toBe(2);
  });

  test("says in one box why it cannot start, or cannot go on", async () => {
    runTray("built", () => Promise.reject(new Error("settings.json is damaged: delete it")));
    await vi.waitFor(() => expect(told.exits).toEqual([1]));
    expect(told.boxes).toEqual(["settings.json is damaged: delete it"]);
    resetElectron();
    await started({ ended: Promise.reject(new Error("the disk is gone")) });
    await vi.waitFor(() => expect(told.boxes).toEqual(["the disk is gone"]));
  });

  test("stays when its window is closed, and makes a new one when it is asked for", async () => {
    const { program } = await started();
    app.emit("second-instance");
    expect(program.listeners).toBe(2);
    onlyWindow().close();
    expect(program.listeners).toBe(1);
    expect(app.listenerCount("window-all-closed")).toBe(1);
    app.emit("second-instance");
    expect(told.windows).toHaveLength(2);
    told.windows[1]?.close();
  });

  test("lets running answers end when it quits, and waits no longer when it is asked again", async () => {
    const { calls, stopped } = await started();
    app.quit();
    expect({ calls, exits: told.exits }).toEqual({ calls: ["stop"], exits: [] });
    stopped.resolve();
    await vi.waitFor(() => expect(told.exits).toEqual([0]));
    expect(told.trays[0]?.destroyed).toBe(true);
    resetElectron();
    await started();
    app.quit();
    app.quit();
    expect(told.exits).toEqual([0]);
  });

  test("is told when the machine was asleep", async () => {
    const { calls } = await started();
    powerMonitor.emit("resume");
    expect(calls).toEqual(["woke"]);
  });

  test("shows its window unasked only to whoever has started it, or has not set it up", async () => {
    await started();
    expect(told.windows).toHaveLength(0);
    resetElectron();
    told.openedAtLogin = false;
    await started();
    expect(onlyWindow().loaded).toBe(PAGE_URL);
    onlyWindow().close();
  });

  test("says once that somebody is needed, when no window shows it", async () => {
    const { program } = await started();
    const failure = { kind: "install", message: "no room" } as const;
    program.become({ failure });
    program.become({ failure, running: 1 });
    expect(told.notifications.map(({ options }) => options.title)).toEqual(["Ollama could not be installed"]);
    told.notifications[0]?.emit("click");
    expect(onlyWindow().shown).toBe(1);
    program.become({ failure: null });
    program.become({ failure });
    expect(told.notifications).toHaveLength(1);
    onlyWindow().close();
  });

  test("does what its menu says, and the menu's ampersands are to be read", async () => {
    const { program } = await started();
    program.become(sampleStatus({ connection: { state: "stopped", message: "Ben & Ann removed it" } }));
    told.trays[0]?.emit("right-click");
    expect(told.menu.map(({ label }) => label)).toContain("Ben && Ann removed it");
    const press = (label: string): void => told.menu.find((item) => item.label?.startsWith(label))?.click?.();
    press("Open dashboard");
    press("Pause for 1 hour");
    await vi.waitFor(() => expect(program.asked).toMatchObject([{ type: "pause" }]));
    expect(told.opened).toEqual(["https://llm.example.com/dashboard"]);
  });
});

describe("the window", () => {
  async function opened() {
    const all = await started();
    app.emit("second-instance");
    return { ...all, window: onlyWindow() };
  }

  test("has the page apart from everything: isolated, sandboxed, without Node", async () => {
    const { window } = await opened();
    expect(window.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    });
    expect(window.loaded).toBe(PAGE_URL);
    window.close();
  });

  test("leads nowhere", async () => {
    const { window } = await opened();
    for (const way of ["will-navigate", "will-frame-navigate", "will-redirect", "will-attach-webview"]) {
      const preventDefault = vi.fn();
      window.webContents.emit(way, { preventDefault });
      expect(preventDefault, way).toHaveBeenCalledOnce();
    }
    expect(window.webContents.openHandler?.()).toEqual({ action: "deny" });
    window.close();
  });

  test("is answered on its own page only", async () => {
    const { window, program } = await opened();
    const ask = (url: string | undefined) =>
      window.webContents.handlers.get("agent:perform")?.(
        { senderFrame: url === undefined ? null : { url } },
        { type: "resume" },
      );
    expect(() => ask("https://evil.example/")).toThrow();
    expect(() => ask(undefined)).toThrow();
    expect(program.asked).toEqual([]);
    expect(await ask(PAGE_URL)).toEqual({ ok: true });
    window.close();
  });

  test("gets nothing from anywhere but its own four files, and no permission at all", async () => {
    const { window } = await opened();
    const cancelled = (url: string): unknown => {
      const decide = vi.fn();
      sessionRule("request", { url }, decide);
      return decide.mock.calls[0]?.[0].cancel;
    };
    expect(cancelled(PAGE_URL)).toBe(false);
    for (const url of [
      "https://evil.example/x.js",
      "file:///x",
      "data:text/html,x",
      "http://127.0.0.1:11434/",
    ]) {
      expect(cancelled(url), url).toBe(true);
    }
    const granted = vi.fn();
    sessionRule("permission", undefined, "media", granted);
    expect(granted).toHaveBeenCalledWith(false);
    expect([sessionRule("check"), sessionRule("device")]).toEqual([false, false]);
    expect(await sessionRule("protocol", { url: "ollama-agent://settings/main.mjs" })).toMatchObject({
      status: 404,
    });
    window.close();
  });
});
