import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** The generator, run on a copy, must find nothing to add: `migrations/` says what `worker/db/schema.ts` says. */
const copy = mkdtempSync(".migrations-");
try {
  cpSync("migrations", copy, { recursive: true });
  const before = readdirSync(copy).length;
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      "node_modules/drizzle-kit/bin.cjs",
      "generate",
      "--dialect",
      "sqlite",
      "--schema",
      "./worker/db/schema.ts",
      "--out",
      `./${copy}`,
    ],
    { encoding: "utf8" },
  );
  const added = readdirSync(copy).length - before;
  if (status !== 0 || added !== 0) {
    process.stderr.write(
      `${stdout}\nmigrations are not fresh: run npx drizzle-kit generate --name WHAT_CHANGED\n`,
    );
    process.exitCode = 1;
  } else {
    process.stdout.write(`migrations are fresh (${join("migrations", "")}${before} entries)\n`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
