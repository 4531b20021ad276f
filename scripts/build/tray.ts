import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./folders.ts";
import { quietly } from "./run.ts";

/** Bundles the desktop program into `dist/tray/`; false in a tree that has none. @throws BuildError */
export async function buildTray(): Promise<boolean> {
  const builder = join(ROOT, "agent", "tray", "build.ts");
  if (!existsSync(builder)) return false;
  await quietly(process.execPath, [builder]);
  return true;
}
