import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { codeOf } from "../../core/network-error.ts";
import { ControlError } from "./control-error.ts";

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, with the zero at the end. */
const PATH_BYTES = 100;

export interface ControlPlace {
  /** What `net` listens and connects to. */
  path: string;
  /** A file that a dead agent leaves behind; a pipe goes with its process. */
  isFile: boolean;
  /** Says where it is, where that is not in the state directory: another session may have other directories for such things. */
  pointer?: string;
}

export interface ControlSurroundings {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  user: string;
  uid: number;
  tmp: string;
}

export function controlSurroundings(): ControlSurroundings {
  const { username, uid } = userInfo();
  return { platform: process.platform, env: process.env, user: username, uid, tmp: tmpdir() };
}

/**
 * Where the agent of a state directory listens; the same for whoever names that directory in another way.
 * @throws ControlError when the directory for long names belongs to somebody else
 */
export function controlPlace(
  stateDir: string,
  { platform, env, user, uid, tmp }: ControlSurroundings,
): ControlPlace {
  const dir = realOf(stateDir);
  if (platform === "win32") {
    // Windows takes no notice of case in paths.
    const name = shortHash(`${user}\n${dir.toLowerCase()}`);
    return { path: `\\\\.\\pipe\\ollama-coordinator-${name}`, isFile: false };
  }
  const inside = join(dir, "control.sock");
  if (Buffer.byteLength(inside) <= PATH_BYTES) return { path: inside, isFile: true };
  const pointer = join(dir, "control.where");
  const name = `${shortHash(dir)}.sock`;
  const runtime = env.XDG_RUNTIME_DIR;
  if (runtime !== undefined && runtime !== "" && isPrivate(runtime, uid)) {
    return { path: join(runtime, `ollama-coordinator-${name}`), isFile: true, pointer };
  }
  return { path: join(privateDir(join(tmp, `ollama-coordinator-${uid}`), uid), name), isFile: true, pointer };
}

/** Where an agent that runs was told to listen. */
export function currentPath({ path, pointer }: ControlPlace): string {
  if (pointer === undefined) return path;
  try {
    return readFileSync(pointer, "utf8").trim() || path;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return path;
    throw error;
  }
}

function realOf(dir: string): string {
  try {
    return realpathSync(dir);
  } catch {
    // Not there yet: nobody listens in it either.
    return resolve(dir);
  }
}

/** Everybody may write to the system's temporary directory: one that somebody else has put there first is refused. */
function privateDir(dir: string, uid: number): string {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (cause) {
    if (codeOf(cause) !== "EEXIST") {
      throw new ControlError(
        "failed",
        `cannot make ${dir} (${codeOf(cause)}): choose a shorter --state-dir`,
        { cause },
      );
    }
  }
  if (isPrivate(dir, uid)) return dir;
  throw new ControlError(
    "failed",
    `${dir} is not a directory for this user only: remove it, or choose a shorter --state-dir`,
  );
}

function isPrivate(dir: string, uid: number): boolean {
  // Not through a link: whoever made it may point it elsewhere later.
  const found = lstatSync(dir, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
