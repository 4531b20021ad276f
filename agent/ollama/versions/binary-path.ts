import { join } from "node:path";

/** Where a release's archive has the program: on macOS it is flat, on Windows the program is beside `lib`. */
export function binaryPath(directory: string, platform: NodeJS.Platform): string {
  if (platform === "win32") return join(directory, "ollama.exe");
  return platform === "darwin" ? join(directory, "ollama") : join(directory, "bin", "ollama");
}
