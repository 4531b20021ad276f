import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DIST, ROOT } from "./folders.ts";

export const TRAY = join(DIST, "tray");

/** What electron-builder has to know of the program that lies in `dist/tray/`; all it needs is bundled in there. */
export function writeTrayManifest(): void {
  const { version, license } = z
    .object({ version: z.string(), license: z.string() })
    .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));
  const manifest = {
    name: "ollama-coordinator-agent",
    description: "Joins this machine's Ollama to a coordinator",
    author: "The authors of Ollama Coordinator",
    version,
    license,
    type: "module",
    main: "main.mjs",
  };
  mkdirSync(TRAY, { recursive: true });
  writeFileSync(join(TRAY, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}
