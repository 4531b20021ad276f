import { spawn, spawnSync } from "node:child_process";
import { BuildError } from "./build-error.ts";
import { ROOT } from "./folders.ts";

/** Runs npm itself, by the way that it was started when it runs this. @throws BuildError */
export function npm(args: readonly string[]): void {
  const own = process.env.npm_execpath;
  const options = { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] as ["ignore", "ignore", "inherit"] };
  const { status } =
    own === undefined
      ? // npm is a batch file on Windows, which only a shell starts.
        spawnSync("npm", args, { ...options, shell: process.platform === "win32" })
      : spawnSync(process.execPath, [own, ...args], options);
  if (status !== 0) throw new BuildError(`npm ${args.join(" ")} failed (see above)`);
}

/** Runs a tool quietly; what it has printed is shown when it fails. @throws BuildError */
export function quietly(command: string, args: readonly string[], cwd = ROOT): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) return resolve();
      reject(new BuildError(`${command} ${args.join(" ")} ended with ${code}:\n${output}`));
    });
  });
}
