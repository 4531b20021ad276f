import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { z } from "zod";
import { BuildError } from "./build-error.ts";
import { ROOT } from "./folders.ts";

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string() });

const RULE = `${"-".repeat(80)}\n`;

/**
 * The licences of all packages in the bundles, in the order of their names, then Node's.
 * @throws BuildError for a package that names none
 */
export function licenceNotice(metafiles: readonly Metafile[], nodeLicence: string): string {
  const folders = new Set(metafiles.flatMap(({ inputs }) => Object.keys(inputs).flatMap(packageOf)));
  const notices = [...folders].map((folder) => noticeOf(join(ROOT, folder)));
  return [
    "These programs contain the packages below and Node.js, each under its own licence.\n",
    ...[...new Set(notices)].sort(),
    `Node.js\n\n${nodeLicence.trimEnd()}\n`,
  ].join(`\n${RULE}\n`);
}

/** The folder of the package that a bundled file belongs to; none for the project's own files. */
function packageOf(file: string): string[] {
  const [folder] = /^.*\bnode_modules\/(@[^/]+\/)?[^/]+/.exec(file) ?? [];
  return folder === undefined ? [] : [folder];
}

function noticeOf(folder: string): string {
  const parsed = manifest.safeParse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
  if (!parsed.success)
    throw new BuildError(`${folder}/package.json names no licence; a release cannot contain it`);
  const { name, version, license } = parsed.data;
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)\b/i.test(file))
    .sort()
    .map((file) => `\n${readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trimEnd()}\n`);
  return `${name} ${version} (${license})\n${texts.join("")}`;
}
