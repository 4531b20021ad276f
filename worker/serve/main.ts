#!/usr/bin/env node
import "./lean-drizzle.ts";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { helpText } from "../../shared/lib/options.ts";
import { PROGRAM_VERSION } from "../../shared/protocol/version.ts";
import { readInvocation } from "./invocation.ts";
import { canMakeDir } from "./make-dir.ts";
import { OPTIONS } from "./options.ts";

const HELP = helpText(OPTIONS, {
  usage: "coordinator [flags]",
  intro: "One endpoint for many Ollamas: an Ollama server, an OpenAI API and an Anthropic API.",
});

async function main(): Promise<void> {
  const invocation = readInvocation(process.argv.slice(2), process.env);
  if (!invocation.ok) {
    process.stderr.write(`coordinator: ${invocation.error}\n`);
    process.exitCode = 2;
  } else if (invocation.options.help || invocation.options.version) {
    process.stdout.write(invocation.options.help ? HELP : `${PROGRAM_VERSION}\n`);
  } else {
    // Compiled code is kept from start to start: the program starts in half the time and needs half the memory.
    const { dataDir } = invocation.options;
    if (canMakeDir(dataDir)) enableCompileCache(join(dataDir, "compile-cache"));
    const { runCoordinator } = await import("./run-coordinator.ts");
    const code = await runCoordinator(invocation.options);
    process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
  }
}

// Not awaited: a single executable is CommonJS.
void main();
