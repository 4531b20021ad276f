import type { Clock } from "../../core/clock.ts";
import { proxyRoute } from "../../core/proxy.ts";
import type { Env } from "../../core/proxy-env.ts";
import type { InstallDeps } from "../install.ts";
import type { InstallObserver } from "../install-observer.ts";
import type { Release } from "../release/release.ts";
import type { OllamaVersions } from "../versions/versions.ts";
import type { Installer, Offer } from "./parts.ts";

export interface OwnInstallerOptions {
  versions: OllamaVersions;
  env: Env;
  clock: Clock;
  warn(text: string): void;
}

interface ReleaseOffer extends Offer {
  release: Release;
}

/** Fetches releases into this agent's versions. What does so is loaded when it is needed: most agents never do, and it costs memory. */
export function ownInstaller(options: OwnInstallerOptions): Installer<ReleaseOffer> {
  return {
    lookUp: async (version, signal) => {
      const [{ prepare }, { describe }] = await Promise.all([
        import("../install.ts"),
        import("../release/release.ts"),
      ]);
      const release = await prepare(version, await installDeps(options, signal, () => {}));
      const { download_bytes: downloadBytes } = describe(release);
      return { version: release.version, downloadBytes, release };
    },
    install: async ({ release }, { signal, observe }) => {
      const { install } = await import("../install.ts");
      return install(release, await installDeps(options, signal, observe));
    },
  };
}

async function installDeps(
  { versions, env, clock, warn }: OwnInstallerOptions,
  signal: AbortSignal,
  observe: InstallObserver,
): Promise<InstallDeps> {
  const [{ readInstallSettings }, { readMachineFacts }, { freeBytes }] = await Promise.all([
    import("../environment.ts"),
    import("../release/machine-facts.ts"),
    import("../download/disk-space.ts"),
  ]);
  return {
    versions,
    clock,
    signal,
    observe,
    warn,
    freeBytes,
    settings: readInstallSettings(env),
    facts: await readMachineFacts(),
    proxy: await proxyRoute(env),
  };
}
