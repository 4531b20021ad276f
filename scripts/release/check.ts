import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { isOnMain } from "./on-main.ts";

/** `node scripts/release/check.ts COMMIT [TAG]`: a release is made of what is on `main`, under the version that it has. */
const [commit = "HEAD", tag] = process.argv.slice(2);
const root = fileURLToPath(new URL("../../", import.meta.url));
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(`${root}package.json`, "utf8")));

function refusal(): string | undefined {
  if (!isOnMain(root, commit)) return `${commit} is not on main; merge it first`;
  if (tag === undefined || tag === `v${version}`) return undefined;
  return `the tag ${tag} is not the version ${version} of package.json; tag v${version}, or raise the version`;
}

let why: string | undefined;
try {
  why = refusal();
} catch (error) {
  why = error instanceof Error ? error.message : String(error);
}
if (why !== undefined) {
  process.stderr.write(`release: ${why}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`release: ${commit} is on main, version ${version}\n`);
}
