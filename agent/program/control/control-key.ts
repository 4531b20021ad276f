import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writePrivate } from "../../core/identity/write-private.ts";
import { codeOf } from "../../core/network-error.ts";

const KEY = /^[0-9a-f]{64}$/;

/**
 * What only this user can read. A Windows pipe can be opened by others, and Node has no say in that; and where an agent is
 * not running, another user may listen under its name. So each end proves that it has the key, and neither says it.
 */
export async function readControlKey(stateDir: string): Promise<string | undefined> {
  try {
    const text = (await readFile(pathOf(stateDir), "utf8")).trim();
    return KEY.test(text) ? text : undefined;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Only for the one agent that has the socket: two would replace each other's. @throws the system's error */
export async function ensureControlKey(stateDir: string): Promise<string> {
  const there = await readControlKey(stateDir);
  if (there !== undefined) {
    await chmod(pathOf(stateDir), 0o600);
    return there;
  }
  const key = randomBytes(32).toString("hex");
  await writePrivate(pathOf(stateDir), `${key}\n`);
  return key;
}

export function newNonce(): string {
  return randomBytes(16).toString("hex");
}

/** Another one for each end and each connection: one that was heard is of no use. */
export function proofOf(
  key: string,
  by: "client" | "server",
  nonces: { server: string; client: string },
): string {
  return createHmac("sha256", key).update(`${by}\n${nonces.server}\n${nonces.client}`).digest("hex");
}

export function isSameProof(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function pathOf(stateDir: string): string {
  return join(stateDir, "control.key");
}
