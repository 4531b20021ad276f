import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import type { Metafile, Plugin } from "esbuild";
import { buildDashboard, DASHBOARD, dashboardFiles, dashboardModules } from "./dashboard.ts";

/** Gives a single executable, which has no files beside it, the web app as a module. */
export function embedDashboard(): Plugin {
  return {
    name: "embed-dashboard",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^embedded:dashboard$/ }, () => ({ path: "dashboard", namespace: "embedded" }));
      onLoad({ filter: /^dashboard$/, namespace: "embedded" }, async () => {
        await buildDashboard();
        const files = dashboardFiles().map((path) => [path, compressed(path)]);
        return { contents: JSON.stringify(files), loader: "json" };
      });
    },
  };
}

/** What went into the web app, as a bundle of its own: its packages have licences too. */
export function embeddedDashboard(): Metafile {
  const inputs: Metafile["inputs"] = {};
  for (const file of dashboardModules()) inputs[file] = { bytes: 0, imports: [] };
  return { inputs, outputs: {} };
}

function compressed(path: string): string {
  const raw = readFileSync(join(DASHBOARD, path));
  // The highest takes ten times as long for a twentieth less.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
  return brotliCompressSync(raw, { params }).toString("base64");
}
