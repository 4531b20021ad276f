import { join } from "node:path";
import { BrowserWindow, clipboard, nativeTheme, type Session, shell, type WebContents } from "electron";
import { systemClock } from "../../core/clock.ts";
import type { ProgramApi } from "../../program/program-api.ts";
import type { MainIpc } from "../ipc.ts";
import { serveWindow } from "../main-handlers.ts";
import { PAGE_URL } from "../page-file.ts";
import type { WindowModel } from "../window-model.ts";

export interface WindowParts {
  program: ProgramApi;
  describe(): WindowModel;
  /** Folder of the built tray app. */
  folder: string;
  session: Session;
}

/** The settings window: at most one, made when it is asked for and gone when it is closed. */
export class SettingsWindow {
  readonly #parts: WindowParts;
  #window: BrowserWindow | undefined;

  constructor(parts: WindowParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#window !== undefined;
  }

  /** Brings it to the front. */
  show(): void {
    const window = this.#window ?? this.#create();
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  #create(): BrowserWindow {
    const { program, describe, folder, session } = this.#parts;
    const window = new BrowserWindow({
      width: 980,
      height: 720,
      minWidth: 420,
      minHeight: 480,
      show: false,
      autoHideMenuBar: true,
      title: describe().title,
      icon: join(folder, "icon.png"),
      // The page's own ground, so that nothing flashes before it is there.
      backgroundColor: nativeTheme.shouldUseDarkColors ? "#17181b" : "#f4f4f1",
      webPreferences: {
        session,
        preload: join(folder, "preload.cjs"),
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        spellcheck: false,
        disableDialogs: true,
      },
    });
    this.#window = window;
    window.removeMenu();
    const { webContents } = window;
    stayHere(webContents);
    const stopServing = serveWindow(ipcOf(webContents), {
      program,
      describe,
      openExternal: (url) => shell.openExternal(url),
      clipboard: { read: () => clipboard.readText(), write: (text) => clipboard.writeText(text) },
      clock: systemClock,
      today: () => new Date(),
    });
    window.once("closed", () => {
      stopServing();
      this.#window = undefined;
    });
    // It fails only when the window is closed meanwhile: the page lies in the program.
    window.loadURL(PAGE_URL).catch(() => {});
    return window;
  }
}

/** The page leads nowhere: not by a link, a drop, a script, a frame or a new window. */
function stayHere(contents: WebContents): void {
  contents.on("will-navigate", (event) => event.preventDefault());
  contents.on("will-frame-navigate", (event) => event.preventDefault());
  contents.on("will-redirect", (event) => event.preventDefault());
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: "deny" }));
}

/** Only this window's page, and only as long as it is the page. */
function ipcOf(contents: WebContents): MainIpc {
  return {
    handle: (channel, listener) => {
      contents.ipc.handle(channel, (event, payload: unknown) => {
        if (event.senderFrame?.url !== PAGE_URL) throw new Error("only the settings page may ask");
        return listener(payload);
      });
      return () => {
        // What belongs to closed contents is gone with them.
        if (!contents.isDestroyed()) contents.ipc.removeHandler(channel);
      };
    },
    send: (channel, payload) => {
      if (!contents.isDestroyed()) contents.send(channel, payload);
    },
  };
}
