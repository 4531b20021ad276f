import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
const INSTALL_MS = 300_000;

/** A real Chromium, Chrome or Edge without a window; installs one where there is none. @throws with what to do */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = foundBrowser() ?? installedBrowser();
  // Chromium refuses its own sandbox to root, which is who containers run tests as.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}

function foundBrowser(): string | undefined {
  const { CHROME_PATH, PATH = "" } = process.env;
  if (CHROME_PATH !== undefined && CHROME_PATH !== "") return CHROME_PATH;
  const onPath = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const candidates = [...onPath, ...usualPlaces(), chromium.executablePath()];
  return candidates.find(isProgram);
}

function usualPlaces(): string[] {
  if (process.platform === "darwin") {
    return ["Google Chrome", "Chromium", "Microsoft Edge"].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  if (process.platform !== "win32") return ["/snap/bin/chromium", "/opt/google/chrome/chrome"];
  const { ProgramFiles, "ProgramFiles(x86)": x86, LOCALAPPDATA } = process.env;
  const bases = [ProgramFiles, x86, LOCALAPPDATA].filter((base) => base !== undefined);
  return bases.flatMap((base) => [
    join(base, "Google", "Chrome", "Application", "chrome.exe"),
    join(base, "Microsoft", "Edge", "Application", "msedge.exe"),
  ]);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installedBrowser(): string {
  const attempts: (() => void)[] = [() => run(process.execPath, [playwrightCli(), "install", "chromium"])];
  if (process.getuid?.() === 0 && existsSync("/etc/debian_version")) {
    attempts.push(() => run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"]));
  }
  const failures: string[] = [];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch (error) {
      failures.push(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
      continue;
    }
    const path = foundBrowser();
    if (path !== undefined) return path;
  }
  throw new Error(
    `no Chromium, Chrome or Edge here and none could be installed (${failures.join("; ")}): install one, or name it in CHROME_PATH`,
  );
}

/** Its package exports no path to the program itself. */
function playwrightCli(): string {
  return join(dirname(createRequire(import.meta.url).resolve("playwright-core/package.json")), "cli.js");
}

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: "pipe", timeout: INSTALL_MS });
}
