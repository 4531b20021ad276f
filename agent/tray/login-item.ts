/** Says to a program that was started with the session: stay beside the clock. */
export const HIDDEN_FLAG = "--hidden";

export interface Installation {
  platform: NodeJS.Platform;
  /** Not while developing: the login item would be Electron, without this program in it. */
  packaged: boolean;
  env: Readonly<Record<string, string | undefined>>;
}

export interface LoginItem {
  openAtLogin: boolean;
  path?: string;
  args?: string[];
}

/** What the system is told about starting with the session; null where it has no such list. */
export function loginItem(autoStart: boolean, { platform, packaged, env }: Installation): LoginItem | null {
  if (!packaged) return null;
  if (platform === "darwin") return { openAtLogin: autoStart };
  if (platform !== "win32") return null;
  // A portable program runs from a temporary folder that is gone the next day; this names the file that its user has.
  const portable = env.PORTABLE_EXECUTABLE_FILE;
  return {
    openAtLogin: autoStart,
    args: [HIDDEN_FLAG],
    ...(portable === undefined || portable === "" ? {} : { path: portable }),
  };
}
