import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { bundle } from "../../scripts/build/bundle.ts";
import { makeExecutable } from "../../scripts/build/executable.ts";
import { CACHE } from "../../scripts/build/folders.ts";
import { AGENT } from "../../scripts/build/programs.ts";
import type { Target } from "../../scripts/build/targets.ts";

/**
 * Builds the agent as one file for a platform, some seconds; its path.
 * `before` is a module that runs first: an executable loads none by NODE_OPTIONS.
 */
export async function buildAgentExecutable(
  target: Target,
  folder: string,
  extra: { nodeFlags?: readonly string[]; before?: string } = {},
): Promise<string> {
  const built = join(folder, `built${target.suffix}`);
  const { code } = await bundle(AGENT.entry);
  // In a function of its own: two bundles have helpers of the same names.
  const before = extra.before === undefined ? "" : `(() => {${(await bundle(extra.before)).code}})();\n`;
  await makeExecutable({
    code: before + code,
    nodeFlags: [...AGENT.nodeFlags, ...(extra.nodeFlags ?? [])],
    target,
    outfile: built,
    cacheDir: CACHE,
  });
  // As unpacked from an archive, in small pieces: written in one piece, Linux keeps the file in large pages and counts 15 MB
  // more of it as resident.
  const unpacked = join(folder, `agent${target.suffix}`);
  await pipeline(createReadStream(built), createWriteStream(unpacked, { mode: 0o755 }));
  return unpacked;
}
