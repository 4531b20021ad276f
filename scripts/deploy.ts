import { fileURLToPath } from "node:url";
import { DeployError } from "./deploy/plan.ts";
import { deploy } from "./deploy/run.ts";

/** `npm run deploy [-- flags of wrangler deploy]`. */
try {
  deploy({
    root: fileURLToPath(new URL("..", import.meta.url)),
    wrangler: fileURLToPath(new URL("../node_modules/wrangler/bin/wrangler.js", import.meta.url)),
    extra: process.argv.slice(2),
    env: process.env,
    say: (text) => process.stdout.write(text),
  });
} catch (error) {
  if (!(error instanceof DeployError)) throw error;
  process.stderr.write(`deploy: ${error.message}\n`);
  process.exitCode = 1;
}
