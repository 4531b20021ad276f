import { join } from "node:path";
import type { Metafile } from "esbuild";
import { BuildError } from "./build/build-error.ts";
import { bundle } from "./build/bundle.ts";
import { makeExecutable } from "./build/executable.ts";
import { CACHE, DIST, MODULES } from "./build/folders.ts";
import { type BuildOptions, readOptions } from "./build/options.ts";
import { executableFile, PROGRAMS } from "./build/programs.ts";
import { makeRelease, RELEASE } from "./build/release.ts";
import { quietly } from "./build/run.ts";
import { writeTrayManifest } from "./build/tray.ts";

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** `npm run build [-- --only agent,coordinator,worker,tray] [--target linux-x64]`: everything, and then archives of it. */
async function main(options: BuildOptions): Promise<void> {
  if (options.parts.includes("worker")) {
    const wrangler = join(MODULES, "wrangler", "bin", "wrangler.js");
    await quietly(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", join(DIST, "worker")]);
    say("dist/worker: the Worker's bundle");
  }
  if (options.parts.includes("tray")) {
    // The desktop program is joined here: buildTray of agent/tray/build.ts, with TRAY as its `out`, and its metafile into
    // the notice below if it brings packages that the agent has not.
    writeTrayManifest();
    say("dist/tray: the desktop program, for electron-builder");
  }
  const metafiles: Metafile[] = [];
  for (const program of PROGRAMS.filter(({ name }) => options.parts.includes(name))) {
    const { code, metafile } = await bundle(program.entry);
    metafiles.push(metafile);
    for (const target of options.targets) {
      const outfile = executableFile(program, target);
      await makeExecutable({ code, nodeFlags: program.nodeFlags, target, outfile, cacheDir: CACHE });
      say(`dist/${target.id}: ${program.name}`);
    }
  }
  if (!options.release) return;
  await makeRelease(options.targets, metafiles);
  say(`${RELEASE}: archives and checksums`);
}

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  process.stderr.write(`build: ${error.message}\n`);
  process.exitCode = 1;
}
