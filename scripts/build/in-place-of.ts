import { join } from "node:path";
import type { Plugin } from "esbuild";
import { MODULES, ROOT } from "./folders.ts";

interface Replacement {
  readonly imported: RegExp;
  /** In which files; everywhere without it. */
  readonly importer?: RegExp;
  readonly by: string;
}

/** What an executable has in place of what a program has that runs from its sources. */
const REPLACEMENTS: readonly Replacement[] = [
  {
    imported: /^\.{1,2}\/release\.ts$/,
    importer: /[\\/]worker[\\/]serve[\\/]/,
    by: join(ROOT, "worker", "serve", "release.packaged.ts"),
  },
  { imported: /^pac-proxy-agent$/, by: join(ROOT, "scripts", "build", "no-pac.ts") },
  // The texts of errors in fifty languages, which nothing asks for: English comes by another way.
  {
    imported: /^\.\.\/locales\/index\.js$/,
    importer: /[\\/]node_modules[\\/]zod[\\/]/,
    by: join(ROOT, "scripts", "build", "no-locales.ts"),
  },
  // This one function of it is used there, and the package would load all of its own.
  {
    imported: /^systeminformation$/,
    importer: /[\\/](telemetry[\\/]gpus|release[\\/]machine-facts)\.ts$/,
    by: join(MODULES, "systeminformation", "lib", "graphics.js"),
  },
];

export function inPlaceOf(): Plugin {
  return {
    name: "in-place-of",
    setup({ onResolve }) {
      for (const { imported, importer = /./, by } of REPLACEMENTS) {
        onResolve({ filter: imported }, (asked) =>
          importer.test(asked.importer) ? { path: by } : undefined,
        );
      }
    },
  };
}
