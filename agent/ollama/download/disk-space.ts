import { statfs } from "node:fs/promises";
import { fileError, InstallError } from "../install-error.ts";

/** Archives of Ollama unpack to two to three times their size. */
const UNPACKED_RATIO = 3;

export type FreeBytes = (directory: string) => Promise<number>;

/** Bytes that this user may still write below an existing directory. @throws the system's error */
export const freeBytes: FreeBytes = async (directory) => {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
};

/** @param left bytes still to be downloaded. @param archives bytes of the whole archives. @throws InstallError */
export async function checkDiskSpace(
  directory: string,
  { left, archives }: { left: number; archives: number },
  free: FreeBytes,
): Promise<void> {
  const needed = left + archives * UNPACKED_RATIO;
  let available: number;
  try {
    available = await free(directory);
  } catch (error) {
    throw fileError(error, directory);
  }
  if (available >= needed) return;
  throw new InstallError(
    "disk_full",
    `${directory} has ${megabytes(available)} free and about ${megabytes(needed)} are needed: free some, or choose another --state-dir`,
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
}
