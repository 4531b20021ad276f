import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);
const COMMAND_MS = 3_000;

/**
 * SHA-256 of the operating system's machine id: the same after a restart, another on a machine that a state
 * directory was copied to. `override` takes the id's place.
 */
export async function machineHash(override?: string): Promise<string> {
  const id = override ?? (await osMachineId()) ?? fallbackId();
  return createHash("sha256").update(`ollama-coordinator:${id}`).digest("hex");
}

async function osMachineId(): Promise<string | undefined> {
  try {
    switch (process.platform) {
      case "win32":
        return await output(
          "reg",
          ["query", "HKLM\\SOFTWARE\\Microsoft\\Cryptography", "/v", "MachineGuid"],
          /REG_SZ\s+(\S+)/,
        );
      case "darwin":
        return await output(
          "ioreg",
          ["-rd1", "-c", "IOPlatformExpertDevice"],
          /"IOPlatformUUID" = "([^"]+)"/,
        );
      default:
        return (await readFile("/etc/machine-id", "utf8")).trim() || undefined;
    }
  } catch {
    return undefined;
  }
}

async function output(command: string, args: string[], pattern: RegExp): Promise<string | undefined> {
  const { stdout } = await run(command, args, { timeout: COMMAND_MS, windowsHide: true });
  return pattern.exec(stdout)?.[1];
}

/** Containers often have no machine id. */
function fallbackId(): string {
  const macs = Object.values(networkInterfaces())
    .flat()
    .filter((entry) => entry !== undefined && !entry.internal)
    .map((entry) => entry?.mac ?? "");
  return `${hostname()} ${macs[0] ?? ""}`;
}
