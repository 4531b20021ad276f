import { spawnSync } from "node:child_process";

/** One program for each environment: what a folder may see is decided by its own tsconfig. */
const PROJECTS = [
  "shared",
  "worker/coordinator",
  "worker",
  "worker/serve",
  "worker/dashboard",
  "agent",
  "agent/tray/page",
  "test",
  "test/tsconfig.workerd.json",
];

let failed = false;
for (const project of PROJECTS) {
  const { status } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", project], {
    stdio: "inherit",
  });
  if (status !== 0) {
    process.stderr.write(`types: ${project} has errors\n`);
    failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
