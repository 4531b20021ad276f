#!/usr/bin/env node
import { helpText } from "../../shared/lib/options.ts";
import { PROGRAM_VERSION } from "../../shared/protocol/version.ts";
import { readInvocation } from "./invocation.ts";
import { OPTIONS } from "./options.ts";
import { runCoordinator } from "./run-coordinator.ts";

const HELP = helpText(OPTIONS, {
  usage: "coordinator [flags]",
  intro: "One endpoint for many Ollamas: an Ollama server, an OpenAI API and an Anthropic API.",
});

const invocation = readInvocation(process.argv.slice(2), process.env);
if (!invocation.ok) {
  process.stderr.write(`coordinator: ${invocation.error}\n`);
  process.exitCode = 2;
} else if (invocation.options.help || invocation.options.version) {
  process.stdout.write(invocation.options.help ? HELP : `${PROGRAM_VERSION}\n`);
} else {
  const code = await runCoordinator(invocation.options);
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
}
