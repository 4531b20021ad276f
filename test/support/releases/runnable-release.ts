import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BinaryOptions, makeOllamaBinary } from "../ollama-binary/make-ollama-binary.ts";
import { file, tarZst } from "./archive.ts";
import type { StandInRelease } from "./releases.ts";

/** A release whose Ollama serves; for the Linux that runs the tests. */
export async function makeRunnableRelease(
  version: string,
  options: Omit<BinaryOptions, "version"> = {},
): Promise<StandInRelease> {
  const dir = mkdtempSync(join(tmpdir(), "release-"));
  try {
    makeOllamaBinary(dir, { ...options, version });
    const names = readdirSync(dir, { recursive: true, encoding: "utf8" });
    const files = names.filter((name) => statSync(join(dir, name)).isFile());
    const archive = await tarZst(
      files.map((name) => file(name, readFileSync(join(dir, name)), statSync(join(dir, name)).mode & 0o777)),
    );
    return {
      version,
      assets: { "ollama-linux-amd64.tar.zst": archive, "ollama-linux-arm64.tar.zst": archive },
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
