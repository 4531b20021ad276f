import { execFile } from "node:child_process";
import { chmod, open, rename, rm } from "node:fs/promises";
import { userInfo } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Replaces a file as a whole, so that a crash leaves the old one or the new one; readable by its user only.
 * @throws the system's error
 */
export async function writePrivate(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, "w", 0o600);
    try {
      // The mode of `open` is for new files and passes through the umask.
      await chmod(temporary, 0o600);
      if (process.platform === "win32") await ownerOnly(temporary);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/** Windows has no modes: the inherited access list goes, the user's own entry stays. */
async function ownerOnly(path: string): Promise<void> {
  await run("icacls", [path, "/inheritance:r", "/grant:r", `${userInfo().username}:F`], {
    windowsHide: true,
  });
}
