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
    const [main, config, blob, program] = ["main.cjs", "sea.json", "main.blob", "program"].map((name) => join(work, name)) as [string, string, string, string];
    writeFileSync(main, code);
    writeFileSync(
      config,
      JSON.stringify({
        main,
        output: blob,
        disableExperimentalSEAWarning: true,
        // Compiled code is for the one V8 and platform that made it: others would find it unusable, or worse.
        useCodeCache: target === ownTarget(),
        execArgv: nodeFlags,
      }),
    );
    // With the same flags: V8 does not take compiled code that was made under others.
    await quietly(INSTALLED_NODE, [...nodeFlags, "--experimental-sea-config", config], work);
    writeFileSync(program, await nodeBinary(target, plan.cacheDir));
    await quietly(INSTALLED_NODE, [
      join(MODULES, "postject", "dist", "cli.js"),
      program,
      "NODE_SEA_BLOB",
      blob,
      "--sentinel-fuse",
      FUSE,
    ]);
    chmodSync(program, 0o755);
    renameSync(program, outfile);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
