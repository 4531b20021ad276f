import { expect, test } from "vitest";
import { type GpuVendor, wantedAssets } from "./choose-assets.ts";

const linux = (name: string): string[] => [`${name}.tar.zst`, `${name}.tgz`];

type Row = [NodeJS.Platform, string, GpuVendor[], 5 | 6 | undefined, string[], string[] | undefined];
const ROWS: Row[] = [
  ["linux", "x64", [], undefined, linux("ollama-linux-amd64"), undefined],
  ["linux", "x64", ["nvidia"], undefined, linux("ollama-linux-amd64"), undefined],
  ["linux", "x64", ["intel"], undefined, linux("ollama-linux-amd64"), undefined],
  ["linux", "x64", ["amd"], undefined, linux("ollama-linux-amd64"), linux("ollama-linux-amd64-rocm")],
  [
    "linux",
    "x64",
    ["intel", "amd"],
    undefined,
    linux("ollama-linux-amd64"),
    linux("ollama-linux-amd64-rocm"),
  ],
  ["linux", "x64", ["amd", "nvidia"], undefined, linux("ollama-linux-amd64"), undefined],
  ["linux", "arm64", [], undefined, linux("ollama-linux-arm64"), undefined],
  ["linux", "arm64", ["amd"], undefined, linux("ollama-linux-arm64"), undefined],
  ["linux", "arm64", ["nvidia"], 5, linux("ollama-linux-arm64"), linux("ollama-linux-arm64-jetpack5")],
  ["linux", "arm64", [], 6, linux("ollama-linux-arm64"), linux("ollama-linux-arm64-jetpack6")],
  ["darwin", "arm64", ["apple"], undefined, ["ollama-darwin.tgz"], undefined],
  ["darwin", "x64", ["amd"], undefined, ["ollama-darwin.tgz"], undefined],
  ["win32", "x64", ["nvidia"], undefined, ["ollama-windows-amd64.zip"], undefined],
  ["win32", "x64", ["amd"], undefined, ["ollama-windows-amd64.zip"], ["ollama-windows-amd64-rocm.zip"]],
  ["win32", "arm64", ["amd"], undefined, ["ollama-windows-arm64.zip"], undefined],
];

test.each(ROWS)(
  "%s %s with %j and JetPack %s gets the right archives",
  (platform, arch, gpus, jetpack, base, overlay) => {
    expect(wantedAssets({ platform, arch, gpus, jetpack })).toEqual({ base, overlay });
  },
);

test.each([
  ["freebsd", "x64"],
  ["linux", "riscv64"],
  ["linux", "ia32"],
] as const)("%s on %s is told that there is nothing", (platform, arch) => {
  expect(() => wantedAssets({ platform, arch, gpus: [], jetpack: undefined })).toThrow(
    `Ollama has no release for ${platform} on ${arch}`,
  );
});
