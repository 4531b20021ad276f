import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { makeDir } from "../core/identity/make-dir.ts";
import type { ProxyRoute } from "../core/proxy.ts";
import { checkDiskSpace, type FreeBytes } from "./download/disk-space.ts";
import { download } from "./download/download.ts";
import type { RetryDeps } from "./download/retry.ts";
import type { InstallSettings } from "./environment.ts";
import { fileError } from "./install-error.ts";
import type { InstallObserver, InstallStep } from "./install-observer.ts";
import { ProgressMeter } from "./progress-meter.ts";
import type { MachineFacts } from "./release/choose-assets.ts";
import { lookUp, releaseCredentials } from "./release/lookup.ts";
import { describe, type Release } from "./release/release.ts";
import { ReleaseCache } from "./release/release-cache.ts";
import { unpack } from "./unpack/unpack.ts";
import { takeInstallLock } from "./versions/install-lock.ts";
import type { InstalledVersion, OllamaVersions } from "./versions/versions.ts";

export interface InstallDeps {
  versions: OllamaVersions;
  settings: InstallSettings;
  facts: MachineFacts;
  clock: Clock;
  proxy: ProxyRoute;
  freeBytes: FreeBytes;
  /** Ends it; what was downloaded stays for the next attempt. */
  signal: AbortSignal;
  observe: InstallObserver;
  /** One line for the log and the owner: what was not verified, what was left out. */
  warn: (message: string) => void;
}

/**
 * Finds what `install` is to fetch, so that the owner can be asked before.
 * @param version as `0.32.1`; undefined: the newest stable one
 * @throws InstallError
 */
export async function prepare(version: string | undefined, deps: InstallDeps): Promise<Release> {
  deps.observe({ step: "looking_up", progress: null, problem: null });
  return lookUp(version, {
    ...deps,
    ...retryDeps(deps, (problem) => deps.observe({ step: "looking_up", progress: null, problem })),
    cache: new ReleaseCache(deps.versions.releaseCache),
  });
}

/**
 * Downloads, verifies and unpacks a release beside those that are there; which of them is used does not change. One that is
 * there already is not fetched again.
 * @throws InstallError
 */
export async function install(release: Release, deps: InstallDeps): Promise<InstalledVersion> {
  const unlock = await takeInstallLock(deps.versions.lock);
  try {
    const there = await deps.versions.get(release.version);
    if (there !== undefined) return there;
    const folder = join(deps.versions.downloads, release.version);
    const archives = await fetchAll(release, folder, deps);
    deps.observe({ step: "unpacking", progress: null, problem: null });
    await unpack(archives, await deps.versions.makeRoom(release.version), deps.signal);
    const installed = await deps.versions.complete(release.version);
    // With whatever else is there: nobody downloads beside this one, and a newer version makes older parts worthless.
    await rm(deps.versions.downloads, { recursive: true, force: true }).catch((error: unknown) => {
      throw fileError(error, deps.versions.downloads);
    });
    return installed;
  } finally {
    await unlock();
  }
}

async function fetchAll(release: Release, folder: string, deps: InstallDeps): Promise<string[]> {
  const { download_bytes: total } = describe(release);
  const files = release.assets.map((asset) => join(folder, asset.name));
  try {
    makeDir(folder);
  } catch (error) {
    throw fileError(error, folder);
  }
  await checkDiskSpace(folder, { left: total - (await bytesIn(files)), archives: total }, deps.freeBytes);

  let step: InstallStep = "downloading";
  let problem: string | null = null;
  const { showProgress } = deps.settings;
  const meter = new ProgressMeter(deps.clock, total, (progress) => {
    deps.observe({ step, progress: showProgress ? progress : null, problem });
  });
  const tell = (): void => {
    deps.observe({ step, progress: showProgress ? meter.progress() : null, problem });
  };
  let before = 0;
  for (const [index, asset] of release.assets.entries()) {
    step = "downloading";
    problem = null;
    meter.startAt(before);
    await download(
      { ...asset, file: files[index] ?? "" },
      {
        ...deps,
        ...retryDeps(deps, (text) => {
          problem = text;
          tell();
        }),
        credentials: releaseCredentials(deps.settings),
        onBytes: (bytes, resumed) => {
          if (!resumed) problem = null;
          if (resumed) meter.startAt(before + bytes);
          else meter.reached(before + bytes);
        },
        onVerify: () => {
          step = "verifying";
          tell();
        },
      },
    );
    before += asset.size;
  }
  return files;
}

function retryDeps({ clock, signal, settings }: InstallDeps, onProblem: (text: string) => void): RetryDeps {
  return { clock, signal, retry: settings, onProblem };
}

/** Bytes that earlier attempts have left. */
async function bytesIn(files: readonly string[]): Promise<number> {
  let sum = 0;
  for (const file of files.flatMap((path) => [path, `${path}.part`])) {
    sum += await stat(file).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return sum;
}
