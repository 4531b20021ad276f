import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { PROGRAM_VERSION } from "../../shared/protocol/version.ts";
import { type ArchiveFile, writeArchive } from "./archive.ts";
import { writeChecksums } from "./checksums.ts";
import { CACHE, DIST, ROOT } from "./folders.ts";
import { licenceNotice } from "./licences.ts";
import { nodeLicence } from "./node-binary.ts";
import { executableFile, PROGRAMS } from "./programs.ts";
import { TARGETS, type Target } from "./targets.ts";

export const RELEASE = join(DIST, "release");

const NOTICE = "THIRD-PARTY-LICENSES.txt";
const DOCUMENTS = ["README.md", "README.ja.md", "LICENSE"];

/** The folder that an archive unpacks to, and its name without the ending. */
export const releaseName = (target: Target): string => `ollama-coordinator-${PROGRAM_VERSION}-${target.id}`;

/** Makes the archives of the executables that are built, and their checksums. @throws BuildError */
export async function makeRelease(targets: readonly Target[], metafiles: readonly Metafile[]): Promise<void> {
  rmSync(RELEASE, { recursive: true, force: true });
  mkdirSync(RELEASE, { recursive: true });
  const notice = licenceNotice(metafiles, await nodeLicence(TARGETS, CACHE));
  // The installer of the desktop program takes it from here.
  writeFileSync(join(DIST, NOTICE), notice);
  for (const target of targets) {
    const name = releaseName(target);
    const file = (path: string, bytes: Buffer, executable = false): ArchiveFile => ({
      path: `${name}/${path}`,
      bytes,
      executable,
    });
    await writeArchive(target.archive, join(RELEASE, `${name}.${target.archive}`), [
      ...PROGRAMS.map((program) =>
        file(`${program.name}${target.suffix}`, readFileSync(executableFile(program, target)), true),
      ),
      ...DOCUMENTS.map((document) => file(document, readFileSync(join(ROOT, document)))),
      file(NOTICE, Buffer.from(notice)),
    ]);
  }
  writeChecksums(RELEASE);
}
