#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { helpText } from "../../shared/lib/options.ts";
import { PROGRAM_VERSION } from "../../shared/protocol/version.ts";
import { canMakeDir } from "../core/identity/make-dir.ts";
import { type Call, type Command, commandRows } from "./commands.ts";
import { EXIT, exitCodeFor } from "./exit-codes.ts";
import { OPTIONS } from "./options.ts";
import { readInvocation, type Settings } from "./settings.ts";

/** Loaded when they are asked for, behind the compile cache. */
const LOAD: Record<Command, () => Promise<(settings: Settings, call: Call) => Promise<number>>> = {
  run: async () => (await import("./run.ts")).run,
  status: async () => (await import("./status.ts")).status,
  pause: async () => (await import("./pause.ts")).pause,
  resume: async () => (await import("./pause.ts")).resume,
  logout: async () => (await import("./logout.ts")).logout,
  doctor: async () => (await import("./doctor.ts")).doctor,
  ollama: async () => (await import("./ollama/ollama.ts")).ollama,
  service: async () => (await import("./service/service.ts")).service,
};

const HELP = helpText(OPTIONS, {
  usage: "agent [COMMAND] [flags]",
  intro: "Joins this machine's Ollama to a coordinator: dials out, opens no port.",
  commands: commandRows(),
});

async function main(): Promise<number> {
  const invocation = await readInvocation(process.argv.slice(2), process.env);
  if (!invocation.ok) {
    process.stderr.write(`agent: ${invocation.error}\n`);
    return EXIT.usage;
  }
  const { command, settings } = invocation;
  if (settings.help || settings.version) {
    process.stdout.write(settings.help ? HELP : `${PROGRAM_VERSION}\n`);
    return EXIT.ok;
  }
  // Compiled code is kept from start to start: the program starts in half the time and needs less memory.
  const { stateDir } = settings;
  if (command === "run" && canMakeDir(stateDir)) enableCompileCache(join(stateDir, "compile-cache"));
  const perform = await LOAD[command]();
  return perform(settings, invocation);
}

// No top-level await: the single executable is CommonJS.
void main().then((code) => {
  // Not process.exitCode: a GPU tool that hangs, or the parent's standard input, must not keep a stopped agent alive.
  process.stdout.write("", () =>
    process.stderr.write("", () => process.exit(exitCodeFor(code, process.env))),
  );
});
