import { BuildError } from "./build/build-error.ts";
import { buildDashboard } from "./build/dashboard.ts";

// The dashboard's files in `dist/assets/`, made anew only when something has changed. `--if-possible`: an installation
// without Vite goes on without them, and the coordinator says on its page what is missing.
try {
  if (await buildDashboard()) process.stdout.write("dist/assets: the dashboard\n");
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  process.stderr.write(`build: ${error.message}\n`);
  if (!process.argv.includes("--if-possible")) process.exitCode = 1;
}
