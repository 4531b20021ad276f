/** What `bin/ollama` of `makeOllamaBinary` runs. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startStandIn } from "../ollama/stand-in.ts";

interface Settings {
  version: string;
  failsWith?: string;
  silent?: boolean;
}

const { version, failsWith, silent }: Settings = JSON.parse(process.env.STAND_IN_SETTINGS ?? "{}");
const LIB = dirname(fileURLToPath(import.meta.url));
/** The name of its file: a program that is many in one looks at it. */
const SLEEP = "sleep";
const FOREVER_S = "1000000";

const { hostname, port } = new URL(`http://${process.env.OLLAMA_HOST ?? "127.0.0.1:11434"}`);
const say = (line: string): boolean => process.stderr.write(`${line}\n`);

if (process.argv.includes("--version") || process.argv.includes("-v")) await tellVersion();
else if (process.argv[2] === "serve") await serve();
else {
  say(`Error: unknown command ${JSON.stringify(process.argv[2])} for "ollama"`);
  process.exitCode = 1;
}

/** As the real one: a server that answers comes first. */
async function tellVersion(): Promise<void> {
  let running: string | undefined;
  try {
    const answer = await fetch(`http://${hostname}:${port}/api/version`);
    running = ((await answer.json()) as { version: string }).version;
  } catch {
    process.stdout.write("Warning: could not connect to a running Ollama instance\n");
  }
  if (running !== undefined) process.stdout.write(`ollama version is ${running}\n`);
  if (running !== version) process.stdout.write(`Warning: client version is ${version}\n`);
}

async function serve(): Promise<void> {
  say(`time=${new Date().toISOString()} level=INFO msg="server config" env="${proxies()}"`);
  if (failsWith !== undefined) {
    say(`Error: ${failsWith}`);
    process.exit(1);
  }
  if (silent === true) {
    createServer(() => {}).listen(Number(port), hostname, listening);
    return;
  }
  const models = modelsFile();
  const standIn = await startStandIn({
    host: hostname,
    port: Number(port),
    version,
    models: models.read(),
    modelsChanged: models.write,
  }).catch((error: unknown) => {
    say(`Error: listen tcp ${hostname}:${port}: bind: ${String(error)}`);
    process.exit(1);
  });
  const runner = startRunner();
  let resume: (() => void) | undefined;
  process.on("SIGUSR2", () => {
    if (resume === undefined) resume = standIn.hang();
    else {
      resume();
      resume = undefined;
    }
  });
  // The real one is chatty: it says of every batch of tokens what its runner says.
  setInterval(() => say(`slot process_token: id 0 | n_decoded = ${standIn.seen.length}`), 100).unref();
  const stop = (): void => {
    // A server that hangs does not hear this either.
    if (resume !== undefined) return;
    runner.once("exit", () => process.exit(0));
    runner.kill();
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  listening();
}

function listening(): void {
  say(
    `time=${new Date().toISOString()} level=INFO msg="Listening on ${hostname}:${port} (version ${version})"`,
  );
}

/** Its own process, in the group of its parent, that nobody tells when its parent is killed. */
function startRunner(): ChildProcess {
  return spawn(join(LIB, "llama-server"), [FOREVER_S], { argv0: SLEEP, stdio: "ignore" });
}

/** The real one says the whole of its environment at its start, proxies with their passwords included. */
function proxies(): string {
  return `map[HTTPS_PROXY:${process.env.HTTPS_PROXY ?? ""} OLLAMA_MODELS:${process.env.OLLAMA_MODELS ?? ""}]`;
}

/** Models outlive the process, in the directory where the real one keeps them. */
function modelsFile() {
  const dir = process.env.OLLAMA_MODELS ?? join(homedir(), ".ollama", "models");
  const path = join(dir, "stand-in.json");
  return {
    read: (): string[] => {
      try {
        return JSON.parse(readFileSync(path, "utf8"));
      } catch {
        return [];
      }
    },
    write: (names: string[]): void => {
      mkdirSync(dir, { recursive: true });
      writeFileSync(path, JSON.stringify(names));
    },
  };
}
