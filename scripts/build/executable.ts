import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { MODULES } from "./folders.ts";
import { INSTALLED_NODE, nodeBinary } from "./node-binary.ts";
import { quietly } from "./run.ts";
import { ownTarget, type Target } from "./targets.ts";

/** Node's mark in its own binary, by which it knows that it carries a program. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

export interface ExecutablePlan {
  /** One CommonJS file. */
  readonly code: string;
  /** Flags that Node runs it with. */
  readonly nodeFlags: readonly string[];
  readonly target: Target;
  readonly outfile: string;
  readonly cacheDir: string;
}

/** Makes one file that runs without an installed Node. @throws BuildError */
export async function makeExecutable(plan: ExecutablePlan): Promise<void> {
  const { code, nodeFlags, target, outfile } = plan;
  mkdirSync(dirname(outfile), { recursive: true });
  // Beside its destination: the last step is a rename.
  const work = mkdtempSync(`${outfile}-`);
  try {
    const program = join(work, "program");
    writeFileSync(join(work, "main.cjs"), code);
    writeFileSync(
      join(work, "sea.json"),
      JSON.stringify({
        // Names without a folder: they are kept in the blob, which would be another one for each folder.
        main: "main.cjs",
        output: "main.blob",
        disableExperimentalSEAWarning: true,
        // Compiled code is for the one V8 and platform that made it: others would find it unusable, or worse.
        useCodeCache: target === ownTarget(),
        execArgv: nodeFlags,
      }),
    );
    // With the same flags: V8 does not take compiled code that was made under others. Its hashes are seeded by chance, and
    // the seed alone does not count: with one seed the same sources make the same blob.
    const flags = [...nodeFlags, "--random-seed=1", "--experimental-sea-config", "sea.json"];
    await quietly(INSTALLED_NODE, flags, work);
    writeFileSync(program, await nodeBinary(target, plan.cacheDir));
    await quietly(INSTALLED_NODE, [
      join(MODULES, "postject", "dist", "cli.js"),
      program,
      "NODE_SEA_BLOB",
      join(work, "main.blob"),
      "--sentinel-fuse",
      FUSE,
    ]);
    chmodSync(program, 0o755);
    renameSync(program, outfile);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
