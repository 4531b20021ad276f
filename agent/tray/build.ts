import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle, type Metafile, type Plugin } from "esbuild";
import { appIco, appIcon } from "./icons/app-icon.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ICON_SIDE = 256;
const BUNDLED_ICON_SIDE = 128;

export interface TrayBuild {
  /** Folder for the result; what it holds of an earlier one is overwritten. */
  out: string;
  /** Entry of the main process. */
  main: string;
  minify?: boolean;
  /** For what runs outside the page. */
  plugins?: Plugin[];
}

/** Bundles the tray app: `main.mjs` and `preload.cjs` for Electron, `page/` for its window, the program's icons; says what went into it. */
export async function buildTray({ out, main, minify = false, plugins = [] }: TrayBuild): Promise<Metafile[]> {
  const shared = {
    bundle: true,
    minify,
    plugins,
    metafile: true,
    legalComments: "none",
    logLevel: "warning",
  } as const;
  await mkdir(join(out, "page"), { recursive: true });
  const [program, preload] = await Promise.all([
    bundle({
      ...shared,
      entryPoints: [main],
      outfile: join(out, "main.mjs"),
      platform: "node",
      target: "node24",
      format: "esm",
      external: ["electron"],
      // Packages in the old format ask for Node's modules by `require`, which a module has not.
      banner: {
        js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
      },
    }),
    bundle({
      ...shared,
      entryPoints: [join(HERE, "preload.ts")],
      // Sandboxed preload scripts cannot be modules.
      outfile: join(out, "preload.cjs"),
      platform: "browser",
      target: "chrome140",
      format: "cjs",
      external: ["electron"],
    }),
    buildPage(join(out, "page"), { minify }),
    writeFile(join(out, "icon.png"), appIcon(ICON_SIDE)),
    writeFile(join(out, "icon.ico"), appIco()),
  ]);
  return [program.metafile, preload.metafile];
}

/** Only what the window shows: it runs in any browser that has `window.agent`. */
export async function buildPage(out: string, { minify = false }: { minify?: boolean } = {}): Promise<void> {
  await mkdir(out, { recursive: true });
  await Promise.all([
    bundle({
      bundle: true,
      minify,
      legalComments: "none",
      logLevel: "warning",
      entryPoints: [join(HERE, "page/main.ts")],
      outfile: join(out, "page.js"),
      platform: "browser",
      target: "chrome140",
      // Not a module: those are not loaded from file: addresses.
      format: "iife",
    }),
    bundle({
      bundle: true,
      minify,
      logLevel: "warning",
      entryPoints: [join(HERE, "page/style.css")],
      outfile: join(out, "style.css"),
      target: "chrome140",
    }),
    copyFile(join(HERE, "page/index.html"), join(out, "index.html")),
    writeFile(join(out, "icon.png"), appIcon(BUNDLED_ICON_SIDE)),
  ]);
}
