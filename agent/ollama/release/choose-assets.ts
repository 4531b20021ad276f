import { InstallError } from "../install-error.ts";

export type GpuVendor = "nvidia" | "amd" | "intel" | "apple";

/** What decides which archives a machine needs. */
export interface MachineFacts {
  platform: NodeJS.Platform;
  arch: string;
  gpus: readonly GpuVendor[];
  /** NVIDIA Jetson's major JetPack version, where this is one. */
  jetpack: 5 | 6 | undefined;
}

/** Asset names in order of preference: releases before 0.14.0 had `.tgz` for Linux. */
export interface WantedAssets {
  base: readonly string[];
  /** Left out where a release has none. */
  overlay: readonly string[] | undefined;
}

/** @throws InstallError `no_asset` where Ollama has nothing for such a machine */
export function wantedAssets({ platform, arch, gpus, jetpack }: MachineFacts): WantedAssets {
  const cpu = { x64: "amd64", arm64: "arm64" }[arch];
  const rocm = cpu === "amd64" && gpus.includes("amd") && !gpus.includes("nvidia");
  if (platform === "linux" && cpu !== undefined) {
    const name = `ollama-linux-${cpu}`;
    const overlay = rocm
      ? `${name}-rocm`
      : cpu === "arm64" && jetpack !== undefined
        ? `${name}-jetpack${jetpack}`
        : undefined;
    return { base: tars(name), overlay: overlay === undefined ? undefined : tars(overlay) };
  }
  if (platform === "win32" && cpu !== undefined) {
    const name = `ollama-windows-${cpu}`;
    return { base: [`${name}.zip`], overlay: rocm ? [`${name}-rocm.zip`] : undefined };
  }
  if (platform === "darwin" && cpu !== undefined) {
    return { base: ["ollama-darwin.tgz"], overlay: undefined };
  }
  throw new InstallError(
    "no_asset",
    `Ollama has no release for ${platform} on ${arch}: install it by hand, the agent uses it as soon as it runs`,
  );
}

function tars(name: string): readonly string[] {
  return [`${name}.tar.zst`, `${name}.tgz`];
}
