import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { BuildError } from "./build-error.ts";
import { embedDashboard } from "./embed-dashboard.ts";
import { ROOT } from "./folders.ts";
import { inPlaceOf } from "./in-place-of.ts";

export interface Bundle {
  /** One CommonJS file: the main of a single executable can be nothing else. */
  readonly code: string;
  readonly metafile: Metafile;
}

/** All of a program in one file, without comments and whitespace; names are kept as they are, for readable stack traces. */
export async function bundle(entry: string): Promise<Bundle> {
  const { outputFiles, metafile, warnings } = await build({
    entryPoints: [join(ROOT, entry)],
    absWorkingDir: ROOT,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node24",
    // An executable cannot load a second file: what is imported lazily is in the same one, and only run later.
    splitting: false,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    loader: { ".sql": "text" },
    plugins: [inPlaceOf(), embedDashboard()],
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const warning = warnings[0];
  if (warning !== undefined) {
    // Each has been a real fault so far: `import.meta` is empty in CommonJS, a file beside the program is not there.
    const at = warning.location;
    throw new BuildError(`${at?.file ?? entry}:${at?.line ?? 0}: ${warning.text}`);
  }
  const code = outputFiles[0]?.text;
  if (code === undefined) throw new BuildError(`esbuild made nothing of ${entry}`);
  // The first line that a shell reads is nothing to Node, and a fault anywhere but at the very beginning.
  return { code: code.replace(/^#!.*\n/, ""), metafile };
}
