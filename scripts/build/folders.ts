import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const MODULES = join(ROOT, "node_modules");
/** All that a build makes; git ignores it. */
export const DIST = join(ROOT, "dist");
export const CACHE = join(DIST, "cache");
