import { spawnSync } from "node:child_process";

/**
 * Whether a commit is part of the branch `main` of `origin`, and of nothing else that somebody may have tagged.
 * @throws Error when git cannot tell, as in a shallow clone
 */
export function isOnMain(repository: string, commit: string, main = "origin/main"): boolean {
  const { status, stderr } = spawnSync("git", ["merge-base", "--is-ancestor", commit, main], {
    cwd: repository,
    encoding: "utf8",
  });
  // 0 and 1 are answers, all else is trouble.
  if (status === 0 || status === 1) return status === 0;
  throw new Error(`git cannot tell whether ${commit} is on ${main}: ${stderr.trim()}`);
}
