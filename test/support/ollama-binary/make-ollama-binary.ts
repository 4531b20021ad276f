import { accessSync, chmodSync, constants, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

export interface BinaryOptions {
  /** Default "0.33.0". */
  version?: string;
  /** `serve` says this on standard error and exits with 1. */
  failsWith?: string;
  /** `serve` takes connections and never answers. */
  silent?: boolean;
}

export interface OllamaBinary {
  /** `bin/ollama` below the directory that was given. */
  readonly path: string;
  /** What `serve` starts beside itself, in `lib/ollama`. */
  readonly llamaServer: string;
}

let bundle: string | undefined;

/**
 * Writes a program that behaves as the `ollama` of a release does to whoever starts it: `--version`, `serve` with a child that
 * outlives it when it is killed hard. It needs this machine's Node and nothing else of this repository, so that it may be packed
 * into an archive and unpacked elsewhere. POSIX only.
 */
export function makeOllamaBinary(dir: string, options: BinaryOptions = {}): OllamaBinary {
  const path = join(dir, "bin", "ollama");
  const lib = join(dir, "lib", "ollama");
  const llamaServer = join(lib, "llama-server");
  mkdirSync(join(dir, "bin"), { recursive: true });
  mkdirSync(lib, { recursive: true });
  writeFileSync(join(lib, "stand-in.mjs"), bundled());
  // A small program of the system's that does nothing for long, under the name and in the place of the real one.
  copyFileSync(sleepProgram(), llamaServer);
  chmodSync(llamaServer, 0o755);
  const settings = JSON.stringify({ version: options.version ?? "0.33.0", ...options });
  writeFileSync(path, launcher(settings), { mode: 0o755 });
  return { path, llamaServer };
}

/** `exec`, so that the process that was started is the server itself. */
function launcher(settings: string): string {
  return [
    "#!/bin/sh",
    'here=$(dirname "$(readlink -f "$0")")',
    `STAND_IN_SETTINGS=${quoted(settings)}`,
    "export STAND_IN_SETTINGS",
    `exec ${quoted(process.execPath)} "$here/../lib/ollama/stand-in.mjs" "$@"`,
    "",
  ].join("\n");
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** One file: it starts in a fraction of the time that its forty sources take. */
function bundled(): string {
  if (bundle === undefined) {
    const { outputFiles } = buildSync({
      entryPoints: [fileURLToPath(new URL("main.ts", import.meta.url))],
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node22",
      write: false,
      logLevel: "error",
    });
    bundle = outputFiles[0]?.text ?? "";
  }
  return bundle;
}

function sleepProgram(): string {
  for (const dir of ["/bin", "/usr/bin", ...(process.env.PATH ?? "").split(delimiter)]) {
    const path = join(dir, "sleep");
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this one.
    }
  }
  throw new Error("no sleep program on this machine");
}
