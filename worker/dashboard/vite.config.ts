import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Everything that a browser loads lies under `/dashboard/`; the names of what may be cached for ever carry a hash. */
export default defineConfig({
  root: HERE,
  base: "/dashboard/",
  publicDir: false,
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: fileURLToPath(new URL("../../dist/assets/dashboard/", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    assetsDir: "assets",
    // The content security policy knows no data: fonts or scripts, and a file is cached.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: `${HERE}index.html`, docs: `${HERE}docs/index.html` },
      // Half of the time goes into one large style sheet, which is nothing to be told with each build.
      checks: { pluginTimings: false },
    },
    // Of the description's page, which is no part of the dashboard.
    chunkSizeWarningLimit: 2_000,
  },
});
