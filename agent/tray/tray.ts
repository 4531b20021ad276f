import { join } from "node:path";
import { app, dialog, Menu, Notification, nativeTheme, powerMonitor, shell } from "electron";
import { PROGRAM_VERSION } from "../../shared/protocol/version.ts";
import type { ProgramApi } from "../program/program-api.ts";
import { pageSession, registerPageScheme } from "./electron/page-session.ts";
import { SettingsWindow } from "./electron/settings-window.ts";
import { TrayFace } from "./electron/tray-icon-face.ts";
import { chooseLanguage } from "./language.ts";
import { HIDDEN_FLAG, loginItem } from "./login-item.ts";
import { mayOpen } from "./open-external.ts";
import { pauseUntil } from "./pause-until.ts";
import type { TrayAction } from "./view/menu.ts";
import { type View, view } from "./view.ts";

/** The program that the tray is the face of. */
export interface RunningAgent {
  readonly program: ProgramApi;
  /** Rejects when the program cannot go on, with one line for a person. */
  readonly ended: Promise<unknown>;
  /** The machine slept: what was connected may not be any more. */
  woke(): void;
  /** Lets running answers end and stops; never rejects. */
  stop(): Promise<void>;
}

const APP_ID = "io.github.ollama-coordinator.agent";

/**
 * The tray app, from its start to its end. `folder` is where the built app lies; `start` throws with one line for a person
 * when the program cannot run. Returns nothing to wait for: Electron gets ready only after its entry has been evaluated,
 * and an entry that waits for it hangs (electron/electron#41369).
 */
export function runTray(folder: string, start: () => Promise<RunningAgent>): void {
  if (!app.requestSingleInstanceLock()) {
    // The first one shows its window.
    app.exit(0);
    return;
  }
  registerPageScheme();
  app.setAppUserModelId(APP_ID);
  // Without a window there is nothing that a graphics card could do, and games want it.
  app.disableHardwareAcceleration();
  app.on("window-all-closed", () => {}); // The default is to quit; this program lives beside the clock.
  begin(folder, start).catch(fail);
}

async function begin(folder: string, start: () => Promise<RunningAgent>): Promise<void> {
  await app.whenReady();
  // Without a menu macOS has no shortcuts for copy and paste.
  Menu.setApplicationMenu(
    process.platform === "darwin" ? Menu.buildFromTemplate([{ role: "editMenu" }]) : null,
  );
  app.dock?.hide();
  const agent = await start();
  agent.ended.catch(fail);
  show(folder, agent);
}

function tell(error: unknown): void {
  dialog.showErrorBox(app.getName(), error instanceof Error ? error.message : String(error));
}

function fail(error: unknown): void {
  tell(error);
  app.exit(1);
}

function show(folder: string, agent: RunningAgent): void {
  const { program } = agent;
  const describe = (): View => {
    const { settings, locked } = program.settings();
    return view({
      status: program.status(),
      settings,
      locked,
      language: chooseLanguage(settings.language, app.getPreferredSystemLanguages()),
      dark: nativeTheme.shouldUseDarkColorsForSystemIntegratedUI,
      appVersion: PROGRAM_VERSION,
      log: program.recentLog(),
      now: new Date(),
    });
  };
  const window = new SettingsWindow({
    program,
    describe: () => describe().window,
    folder,
    session: pageSession(join(folder, "page")),
  });
  const act = (action: TrayAction): void => {
    switch (action.type) {
      case "command":
        void program.perform(action.command);
        return;
      case "pause": {
        const until = pauseUntil(action.pause, new Date())?.toISOString() ?? null;
        void program.perform({ type: "pause", until });
        return;
      }
      case "open":
        if (mayOpen(action.url, program.status().coordinator_url)) {
          shell.openExternal(action.url).catch(tell);
        }
        return;
      case "window":
        window.show();
        return;
      case "quit":
        app.quit();
        return;
    }
  };
  const face = new TrayFace(describe, act);
  const notice = noticeTrouble(() => window.show());
  const startWithSession = autoStarter();
  const update = (): void => {
    face.update();
    startWithSession(program.settings().settings.auto_start);
    if (!window.isOpen) notice(describe());
  };
  const unsubscribe = program.subscribe(update);
  nativeTheme.on("updated", update);
  powerMonitor.on("resume", () => agent.woke());
  powerMonitor.on("shutdown", () => app.quit());
  app.on("second-instance", () => window.show());
  app.on("activate", () => window.show());
  quitGracefully(async () => {
    unsubscribe();
    await agent.stop();
    face.destroy();
  });
  update();
  const byItself = process.argv.includes(HIDDEN_FLAG) || app.getLoginItemSettings().wasOpenedAtLogin;
  if (!byItself || program.status().connection.state === "unconfigured") window.show();
}

/** Says it once when a person is needed and no window is there to show it. */
function noticeTrouble(open: () => void): (view: View) => void {
  let said = "";
  return ({ icon, window }) => {
    const now = icon.state === "trouble" ? window.headline : "";
    if (now !== "" && now !== said && Notification.isSupported()) {
      const notification = new Notification({ title: window.headline, body: window.detail ?? "" });
      notification.on("click", open);
      notification.show();
    }
    said = now;
  };
}

/** The first wish to quit lets running answers end, the second does not wait for them. */
function quitGracefully(stop: () => Promise<void>): void {
  let stopping = false;
  app.on("before-quit", (event) => {
    event.preventDefault();
    if (stopping) {
      app.exit(0);
      return;
    }
    stopping = true;
    void stop().finally(() => app.exit(0));
  });
}

/** Tells the system whether this program starts with the session, when that changes. */
function autoStarter(): (autoStart: boolean) => void {
  let applied: boolean | undefined;
  return (autoStart) => {
    if (autoStart === applied) return;
    applied = autoStart;
    const { platform, env } = process;
    const item = loginItem(autoStart, { platform, packaged: app.isPackaged, env });
    if (item !== null) app.setLoginItemSettings(item);
  };
}
