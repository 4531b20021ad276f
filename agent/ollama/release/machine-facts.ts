import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { GpuVendor, MachineFacts } from "./choose-assets.ts";

/** The system as this asks it; a test brings its own. */
export interface FactSources {
  platform: NodeJS.Platform;
  arch: string;
  /** A file's text, or undefined. */
  read: (path: string) => Promise<string | undefined>;
  /** Names in a directory; none where there is no such directory. */
  list: (path: string) => Promise<string[]>;
  /** Vendors of graphics controllers as drivers name them, where files do not tell. */
  vendors: () => Promise<string[]>;
}

const PCI_VENDORS: Readonly<Record<string, GpuVendor>> = {
  "0x10de": "nvidia",
  "0x1002": "amd",
  "0x8086": "intel",
};
const DRM = "/sys/class/drm";

export const systemSources: FactSources = {
  platform: process.platform,
  arch: process.arch,
  read: (path) => readFile(path, "utf8").catch(() => undefined),
  list: (path) => readdir(path).catch(() => []),
  vendors: async () => {
    const information = await import("systeminformation");
    const { controllers } = await information.default.graphics();
    return controllers.map((controller) => `${controller.vendor} ${controller.model}`);
  },
};

/** Never fails: a machine that tells nothing gets the archive that runs everywhere. */
export async function readMachineFacts(sources: FactSources = systemSources): Promise<MachineFacts> {
  const { platform, arch } = sources;
  const gpus = platform === "linux" ? await linuxGpus(sources) : await namedGpus(sources);
  return { platform, arch, gpus, jetpack: platform === "linux" ? await jetpackOf(sources) : undefined };
}

/** Not from `lspci`, which small installations do not have. */
async function linuxGpus({ list, read }: FactSources): Promise<GpuVendor[]> {
  const found = new Set<GpuVendor>();
  for (const card of await list(DRM)) {
    if (!/^card\d+$/.test(card)) continue;
    const vendor = PCI_VENDORS[((await read(join(DRM, card, "device", "vendor"))) ?? "").trim()];
    if (vendor !== undefined) found.add(vendor);
  }
  // Servers without a display driver have no NVIDIA card in `drm`.
  if ((await list("/proc/driver/nvidia/gpus")).length > 0) found.add("nvidia");
  return [...found];
}

async function namedGpus({ vendors }: FactSources): Promise<GpuVendor[]> {
  const found = new Set<GpuVendor>();
  for (const name of await vendors().catch(() => [])) {
    if (/nvidia/i.test(name)) found.add("nvidia");
    if (/\bamd\b|advanced micro devices|\bati\b|radeon/i.test(name)) found.add("amd");
    if (/intel/i.test(name)) found.add("intel");
    if (/apple/i.test(name)) found.add("apple");
  }
  return [...found];
}

/** As Ollama's own install script: the L4T release of JetPack 5 is R35, of JetPack 6 R36. */
async function jetpackOf({ read }: FactSources): Promise<5 | 6 | undefined> {
  const release = /R(\d+)/.exec((await read("/etc/nv_tegra_release")) ?? "")?.[1];
  return release === "35" ? 5 : release === "36" ? 6 : undefined;
}
