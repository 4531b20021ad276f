/** The command with which an agent is started on another machine, ready to be pasted there. */

export const SYSTEMS = ["windows", "macos", "linux"] as const;
export type System = (typeof SYSTEMS)[number];
/** From a clone by npm, or the single executable of a release. */
export type Program = "clone" | "release";

export interface JoinCommand {
  system: System;
  program: Program;
  /** Where the agent dials. */
  url: string;
  /** Given by the environment: a command line can be read by other users of the machine. */
  token?: string;
}

/** @returns undefined where there is no such program */
export function joinCommand({ system, program, url, token }: JoinCommand): string | undefined {
  const start = program === "clone" ? "npm run agent --" : executable(system);
  if (start === undefined) return undefined;
  const shell = system === "windows" ? powershell : posix;
  const run = `${start} --coordinator-url ${shell.quoted(url)}`;
  return token === undefined ? run : shell.withToken(token, run);
}

/** Releases are made for Windows and Linux. */
function executable(system: System): string | undefined {
  if (system === "windows") return ".\\agent.exe";
  return system === "linux" ? "./agent" : undefined;
}

/** What any shell takes as it stands. */
const PLAIN = /^[A-Za-z0-9_./:@%+-]+$/;

const posix = {
  quoted: (text: string): string => (PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`),
  withToken: (token: string, run: string): string => `JOIN_TOKEN=${token} ${run}`,
};

const powershell = {
  quoted: (text: string): string => (PLAIN.test(text) ? text : `'${text.replaceAll("'", "''")}'`),
  withToken: (token: string, run: string): string => `$env:JOIN_TOKEN = '${token}'\n${run}`,
};

/** Whether an address means the computer that uses it, and so leads nobody else here. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost") || /^127\.|^\[?::1\]?$/.test(hostname);
}

/** The system of whoever looks at the page: the likeliest of the machine. */
export function likelySystem(userAgent: string): System {
  if (/windows/i.test(userAgent)) return "windows";
  return /mac|iphone|ipad/i.test(userAgent) ? "macos" : "linux";
}
