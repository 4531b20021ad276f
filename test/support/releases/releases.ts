import { randomBytes } from "node:crypto";
import { file, tarZst, tgz, zip } from "./archive.ts";

export interface StandInRelease {
  version: string;
  prerelease?: boolean;
  /** Name to bytes. */
  assets: Readonly<Record<string, Buffer>>;
}

export interface ReleaseOptions {
  /** What `bin/ollama` is; a script that prints its version when left out. */
  program?: (version: string) => string;
  /** Bytes of a library that does not compress. */
  padding?: number;
}

/** A release with the archives that a real one has, each with the layout of the real one. */
export async function makeRelease(
  version: string,
  { program = printsVersion, padding = 256 * 1_024 }: ReleaseOptions = {},
): Promise<StandInRelease> {
  const binary = program(version);
  const library = randomBytes(padding);
  const linux = await tarZst([
    { header: { name: "./", type: "directory", mode: 0o755 } },
    file("./bin/ollama", binary, 0o755),
    file("./lib/ollama/libggml-base.so.0.1", library),
    { header: { name: "./lib/ollama/libggml-base.so", type: "symlink", linkname: "libggml-base.so.0.1" } },
  ]);
  const rocm = await tarZst([file("./lib/ollama/rocm_v7/libggml-hip.so", library)]);
  const jetpack = await tarZst([file("./lib/ollama/cuda_jetpack6/libggml-cuda.so", library)]);
  const windows = zip([
    { name: "ollama.exe", content: binary },
    { name: "lib/ollama/ggml-base.dll", content: library },
  ]);
  return {
    version,
    assets: {
      "ollama-linux-amd64.tar.zst": linux,
      "ollama-linux-amd64-rocm.tar.zst": rocm,
      "ollama-linux-arm64.tar.zst": linux,
      "ollama-linux-arm64-jetpack6.tar.zst": jetpack,
      "ollama-darwin.tgz": await tgz([file("ollama", binary, 0o755), file("libggml-base.dylib", library)]),
      "ollama-windows-amd64.zip": windows,
      "ollama-windows-arm64.zip": windows,
    },
  };
}

function printsVersion(version: string): string {
  return `#!/bin/sh\necho "ollama version is ${version}"\n`;
}
