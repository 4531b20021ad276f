import { join } from "node:path";
import type { Metafile } from "esbuild";
import { buildTray } from "../agent/tray/build.ts";
import { BuildError } from "./build/build-error.ts";
import { bundle } from "./build/bundle.ts";
import { embeddedDashboard } from "./build/embed-dashboard.ts";
import { makeExecutable } from "./build/executable.ts";
import { CACHE, DIST, MODULES, ROOT } from "./build/folders.ts";
import { inPlaceOf } from "./build/in-place-of.ts";
import { type BuildOptions, readOptions } from "./build/options.ts";
import { COORDINATOR, executableFile, PROGRAMS } from "./build/programs.ts";
import { makeRelease, RELEASE } from "./build/release.ts";
import { quietly } from "./build/run.ts";
import { TRAY, writeTrayManifest } from "./build/tray.ts";

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** `npm run build [-- --only agent,coordinator,worker,tray] [--target linux-x64]`: everything, and then archives of it. */
async function main(options: BuildOptions): Promise<void> {
  if (options.parts.includes("worker")) {
    const wrangler = join(MODULES, "wrangler", "bin", "wrangler.js");
    await quietly(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", join(DIST, "worker")]);
    say("dist/worker: the Worker's bundle");
  }
  const metafiles: Metafile[] = [];
  if (options.parts.includes("tray")) {
    const main = join(ROOT, "agent", "tray", "main.ts");
    metafiles.push(...(await buildTray({ out: TRAY, main, minify: true, plugins: [inPlaceOf()] })));
    writeTrayManifest();
    say("dist/tray: the desktop program, for electron-builder");
  }
  for (const program of PROGRAMS.filter(({ name }) => options.parts.includes(name))) {
    const { code, metafile } = await bundle(program.entry);
    metafiles.push(metafile);
    if (program === COORDINATOR) metafiles.push(embeddedDashboard());
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
