import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  type ReleaseServer,
  type ReleaseServerOptions,
  startReleaseServer,
} from "../../test/support/releases/release-server.ts";
import { DIRECT } from "../core/proxy.ts";
import { readInstallSettings } from "../ollama/environment.ts";
import { type InstallDeps, install, prepare } from "../ollama/install.ts";
import type { InstallReport } from "../ollama/install-observer.ts";
import { type InstalledVersion, OllamaVersions } from "../ollama/versions/versions.ts";
import { ImpatientClock } from "./impatient-clock.ts";

const run = promisify(execFile);

/** A release server, a state directory, and what an install says. */
export class InstallBench {
  readonly server: ReleaseServer;
  readonly stateDir: string;
  readonly versions: OllamaVersions;
  readonly clock = new ImpatientClock(30_000);
  readonly reports: InstallReport[] = [];
  readonly warnings: string[] = [];
  readonly abort = new AbortController();

  private constructor(server: ReleaseServer, stateDir: string) {
    this.server = server;
    this.stateDir = stateDir;
    this.versions = new OllamaVersions(stateDir, "linux");
  }

  static async open(options: ReleaseServerOptions = {}): Promise<InstallBench> {
    return new InstallBench(
      await startReleaseServer(options),
      await mkdtemp(join(tmpdir(), "install-test-")),
    );
  }

  deps(env: Readonly<Record<string, string>> = {}, more: Partial<InstallDeps> = {}): InstallDeps {
    return {
      versions: this.versions,
      settings: readInstallSettings({ OLLAMA_RELEASES_URL: this.server.url, ...env }),
      facts: { platform: "linux", arch: "x64", gpus: [], jetpack: undefined },
      clock: this.clock,
      proxy: DIRECT,
      freeBytes: async () => 1e12,
      signal: this.abort.signal,
      observe: (report) => {
        this.reports.push(report);
      },
      warn: (message) => {
        this.warnings.push(message);
      },
      ...more,
    };
  }

  /** Looks up and installs, as a person who said yes. */
  async install(
    env: Readonly<Record<string, string>> = {},
    more: Partial<InstallDeps> = {},
    version?: string,
  ): Promise<InstalledVersion> {
    const deps = this.deps(env, more);
    return install(await prepare(version, deps), deps);
  }

  /** Files and directories that downloads have left. */
  async leftovers(): Promise<string[]> {
    return readdir(this.versions.downloads, { recursive: true }).catch(() => []);
  }

  async close(): Promise<void> {
    this.abort.abort();
    await this.server.close();
    await rm(this.stateDir, { recursive: true, force: true });
  }
}

/** What the installed program prints. */
export async function runBinary({ binary }: InstalledVersion): Promise<string> {
  return (await run(binary)).stdout;
}
