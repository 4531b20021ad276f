import { EventEmitter } from "node:events";

/**
 * As much of Electron as the tray uses, without any of it: what it is told is kept in `told`, and tests emit what it would.
 * In the place of the module, so its names are Electron's.
 */
type Handler = (...args: never[]) => unknown;

class Contents extends EventEmitter {
  readonly handlers = new Map<string, (event: unknown, payload: unknown) => unknown>();
  readonly sent: unknown[][] = [];
  openHandler: (() => unknown) | undefined;
  destroyed = false;
  readonly ipc = {
    handle: (channel: string, handler: (event: unknown, payload: unknown) => unknown) =>
      void this.handlers.set(channel, handler),
    removeHandler: (channel: string) => void this.handlers.delete(channel),
  };
  isDestroyed = (): boolean => this.destroyed;
  send = (...args: unknown[]): void => void this.sent.push(args);
  setWindowOpenHandler = (handler: () => unknown): void => {
    this.openHandler = handler;
  };
}

export class BrowserWindow extends EventEmitter {
  readonly webContents = new Contents();
  readonly options: { webPreferences: Record<string, unknown> };
  loaded = "";
  shown = 0;
  constructor(options: { webPreferences: Record<string, unknown> }) {
    super();
    this.options = options;
    told.windows.push(this);
  }
  isMinimized = (): boolean => false;
  show = (): void => void this.shown++;
  focus = (): void => {};
  removeMenu = (): void => {};
  loadURL = async (url: string): Promise<void> => {
    this.loaded = url;
  };
  close(): void {
    this.webContents.destroyed = true;
    this.emit("closed");
  }
}

export class Tray extends EventEmitter {
  tooltip = "";
  destroyed = false;
  constructor() {
    super();
    told.trays.push(this);
  }
  setImage = (): void => {};
  setToolTip = (text: string): void => {
    this.tooltip = text;
  };
  setContextMenu = (menu: MenuTemplate): void => {
    told.menu = menu;
  };
  popUpContextMenu = (menu: MenuTemplate): void => {
    told.menu = menu;
  };
  destroy = (): void => {
    this.destroyed = true;
  };
}

export type MenuTemplate = { label?: string; enabled?: boolean; click?: () => void }[];
export const Menu = {
  buildFromTemplate: (template: MenuTemplate): MenuTemplate => template,
  setApplicationMenu: (): void => {},
};

export class Notification extends EventEmitter {
  static isSupported = (): boolean => true;
  readonly options: { title: string };
  constructor(options: { title: string }) {
    super();
    this.options = options;
  }
  show = (): void => void told.notifications.push(this);
}

class FakeApp extends EventEmitter {
  isPackaged = false;
  requestSingleInstanceLock = (): boolean => told.firstInstance;
  setAppUserModelId = (): void => {};
  disableHardwareAcceleration = (): void => {};
  whenReady = async (): Promise<void> => {};
  getName = (): string => "agent";
  getPreferredSystemLanguages = (): string[] => ["en-US"];
  getLoginItemSettings = () => ({ wasOpenedAtLogin: told.openedAtLogin });
  setLoginItemSettings = (): void => {};
  exit = (code: number): void => void told.exits.push(code);
  quit = (): void => void this.emit("before-quit", { preventDefault: () => {} });
}

/** What the tray has told Electron, and what Electron is asked to be. */
export const told = {
  firstInstance: true,
  openedAtLogin: true,
  windows: [] as BrowserWindow[],
  trays: [] as Tray[],
  notifications: [] as Notification[],
  exits: [] as number[],
  boxes: [] as string[],
  opened: [] as string[],
  menu: [] as MenuTemplate,
  schemes: [] as unknown[],
  /** Of the page's session, by the name of the method that set it. */
  session: new Map<string, Handler>(),
};

export const app = new FakeApp();
export const dialog = { showErrorBox: (_title: string, text: string) => void told.boxes.push(text) };
export const nativeTheme = Object.assign(new EventEmitter(), {
  shouldUseDarkColors: false,
  shouldUseDarkColorsForSystemIntegratedUI: false,
});
export const powerMonitor = new EventEmitter();
export const shell = { openExternal: async (url: string) => void told.opened.push(url) };
export const clipboard = { readText: async () => "", writeText: async () => {} };
export const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown) => void told.schemes.push(schemes),
};
const keep = (name: string) => (handler: Handler) => void told.session.set(name, handler);
export const session = {
  fromPartition: () => ({
    protocol: { handle: (_scheme: string, handler: Handler) => void told.session.set("protocol", handler) },
    webRequest: { onBeforeRequest: keep("request") },
    setPermissionRequestHandler: keep("permission"),
    setPermissionCheckHandler: keep("check"),
    setDevicePermissionHandler: keep("device"),
  }),
};
export const nativeImage = {
  createEmpty: () => ({ addRepresentation: () => {}, setTemplateImage: () => {} }),
};

export function resetElectron(): void {
  Object.assign(told, {
    firstInstance: true,
    openedAtLogin: true,
    windows: [],
    trays: [],
    notifications: [],
    exits: [],
    boxes: [],
    opened: [],
    menu: [],
    schemes: [],
    session: new Map(),
  });
  for (const emitter of [app, nativeTheme, powerMonitor]) emitter.removeAllListeners();
}
