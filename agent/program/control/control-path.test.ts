import { chmod, mkdir, mkdtemp, realpath, rm, stat, symlink } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ControlSurroundings, controlPlace } from "./control-path.ts";

let dir: string;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), "path-")));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const around = (changes: Partial<ControlSurroundings> = {}): ControlSurroundings => ({
  platform: "linux",
  env: {},
  user: "me",
  uid: userInfo().uid,
  tmp: dir,
  ...changes,
});
const LONG = `/s/${"x".repeat(100)}`;

test("on Windows it is a pipe of the user and the directory, however that is spelled", () => {
  const windows = around({ platform: "win32" });
  const place = controlPlace("/S/State", windows);
  expect(place).toEqual({
    path: expect.stringMatching(/^\\\\\.\\pipe\\ollama-coordinator-[0-9a-f]{16}$/),
    isFile: false,
  });
  expect(controlPlace("/s/state", windows)).toEqual(place);
  expect(controlPlace("/s/state", { ...windows, user: "you" })).not.toEqual(place);
});

describe.skipIf(process.platform === "win32")("elsewhere", () => {
  test("it is in the state directory, by whichever way that is reached", async () => {
    await mkdir(join(dir, "state"));
    await symlink(join(dir, "state"), join(dir, "link"));
    const place = { path: join(dir, "state", "control.sock"), isFile: true };
    expect(controlPlace(join(dir, "state"), around())).toEqual(place);
    expect(controlPlace(join(dir, "link"), around())).toEqual(place);
  });

  test("with a long name it is in the user's runtime directory", async () => {
    const runtime = join(dir, "runtime");
    await mkdir(runtime, { mode: 0o700 });
    const { path } = controlPlace(LONG, around({ env: { XDG_RUNTIME_DIR: runtime } }));
    expect(path).toMatch(/\/runtime\/ollama-coordinator-[0-9a-f]{16}\.sock$/);
  });

  test("without one it is in a directory that is made for this user only", async () => {
    const { path } = controlPlace(LONG, around());
    expect((await stat(join(path, ".."))).mode & 0o777).toBe(0o700);
    expect(controlPlace(LONG, around()).path).toBe(path);
  });

  test.each(["open to others", "a link"])("one that is %s is refused by name", async (what) => {
    const there = join(dir, `ollama-coordinator-${userInfo().uid}`);
    if (what === "a link") {
      await mkdir(join(dir, "other"), { mode: 0o700 });
      await symlink(join(dir, "other"), there);
    } else {
      await mkdir(there);
      await chmod(there, 0o755);
    }
    expect(() => controlPlace(LONG, around())).toThrow(`${there} is not a directory for this user only`);
  });
});
