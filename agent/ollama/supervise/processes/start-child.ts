import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Command, Root } from "./process-tree.ts";

/** @throws the system's error when it cannot be started */
export async function startChild(command: Command, options: { detached: boolean }): Promise<Root> {
  const { binary, args, env, cwd, output } = command;
  const child = spawn(binary, args, {
    ...options,
    env,
    cwd,
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", output);
  child.stderr.on("data", output);
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? `exit status ${code}`));
  });
  const drained = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  // Rejects with what `error` says.
  await once(child, "spawn");
  // Later errors are of signals that could not be sent; whoever sends one looks whether it helped.
  child.on("error", () => {});
  if (child.pid === undefined) throw new Error(`${binary} has no process id`);
  return {
    pid: child.pid,
    ended,
    drained,
    release: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}
