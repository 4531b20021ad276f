import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isOnMain } from "./on-main.ts";

/** A repository that has nothing of whoever runs this. */
function repository(): {
  folder: string;
  git: (...args: string[]) => string;
  commit: (message?: string) => string;
} {
  const folder = mkdtempSync(join(tmpdir(), "on-main-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=x", "-c", "user.email=x@example.com", ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, GIT_CONFIG_GLOBAL: join(folder, "none"), GIT_CONFIG_NOSYSTEM: "1" },
    }).trim();
  const commit = (message = "one"): string => {
    git("commit", "--allow-empty", "--message", message);
    return git("rev-parse", "HEAD");
  };
  git("init", "--initial-branch", "main");
  return { folder, git, commit };
}

test("only what is on main may be released, whatever it is called", () => {
  const { folder, git, commit } = repository();
  const first = commit();
  const latest = commit("two");
  git("switch", "--create", "other", first);
  const aside = commit("aside");
  git("tag", "v1.0.0");
  expect(isOnMain(folder, first, "main")).toBe(true);
  expect(isOnMain(folder, latest, "main")).toBe(true);
  expect(isOnMain(folder, aside, "main")).toBe(false);
  expect(isOnMain(folder, "v1.0.0", "main")).toBe(false);
  git("switch", "main");
  git("merge", "--no-ff", "--message", "x", "other");
  expect(isOnMain(folder, "v1.0.0", "main")).toBe(true);
});

test("a clone that does not know enough is not taken for a yes or a no", () => {
  const { folder, commit } = repository();
  const known = commit();
  expect(() => isOnMain(folder, known)).toThrow("git cannot tell whether");
  expect(() => isOnMain(folder, "0".repeat(40), "main")).toThrow("git cannot tell whether");
});
