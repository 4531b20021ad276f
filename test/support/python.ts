import { execFileSync, spawnSync } from "node:child_process";

export const hasPython = (): boolean => spawnSync("python3", ["--version"]).status === 0;

export function python(program: string, cwd?: string): string {
  return execFileSync("python3", ["-"], { input: program, cwd }).toString();
}
