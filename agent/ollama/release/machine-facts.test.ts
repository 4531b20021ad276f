import { expect, test } from "vitest";
import { type FactSources, readMachineFacts } from "./machine-facts.ts";

function sources(files: Readonly<Record<string, string>>, more: Partial<FactSources> = {}): FactSources {
  return {
    platform: "linux",
    arch: "x64",
    read: async (path) => files[path],
    list: async (path) => [
      ...new Set(
        Object.keys(files)
          .filter((name) => name.startsWith(`${path}/`))
          .map((name) => name.slice(path.length + 1).split("/")[0] ?? ""),
      ),
    ],
    vendors: async () => [],
    ...more,
  };
}

test("on Linux the cards' own numbers tell their makers", async () => {
  const facts = await readMachineFacts(
    sources({
      "/sys/class/drm/card0/device/vendor": "0x8086\n",
      "/sys/class/drm/card1/device/vendor": "0x1002\n",
      "/sys/class/drm/card1-HDMI-A-1/device/vendor": "0x10de\n",
      "/sys/class/drm/renderD128/device/vendor": "0x1002\n",
    }),
  );
  expect(facts).toEqual({ platform: "linux", arch: "x64", gpus: ["intel", "amd"], jetpack: undefined });
});

test("an NVIDIA card of a server without display is seen by its driver", async () => {
  const facts = await readMachineFacts(sources({ "/proc/driver/nvidia/gpus/0000:01:00.0/information": "x" }));
  expect(facts.gpus).toEqual(["nvidia"]);
});

test.each([
  ["# R35 (release), REVISION: 4.1, GCID: 33958178", 5],
  ["# R36 (release), REVISION: 2.0, GCID: 34956989", 6],
  ["# R32 (release), REVISION: 7.1", undefined],
])("%s is JetPack %s", async (text, jetpack) => {
  const facts = await readMachineFacts(sources({ "/etc/nv_tegra_release": text }, { arch: "arm64" }));
  expect(facts.jetpack).toBe(jetpack);
});

test("elsewhere the names of the controllers tell, and a failing question tells nothing", async () => {
  const named = (vendors: string[]) =>
    readMachineFacts(sources({}, { platform: "win32", vendors: async () => vendors }));
  expect((await named(["Advanced Micro Devices, Inc. AMD Radeon RX 7900"])).gpus).toEqual(["amd"]);
  expect((await named(["NVIDIA NVIDIA GeForce RTX 4090", "Intel Corporation UHD"])).gpus).toEqual([
    "nvidia",
    "intel",
  ]);
  const broken = sources({}, { platform: "darwin", vendors: () => Promise.reject(new Error("no")) });
  expect((await readMachineFacts(broken)).gpus).toEqual([]);
});
