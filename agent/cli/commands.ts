import type { OptionSource } from "../../shared/lib/options.ts";
import type { OPTIONS } from "./options.ts";

interface CommandShape {
  help: string;
  /** Its second word; a command without these has none. */
  actions?: readonly string[];
}

/** Everything that this program can be asked to do, in the order of its help. */
export const COMMANDS = {
  run: { help: "answer requests until stopped (default)" },
  status: { help: "show how the agent is: on a terminal until Ctrl-C, otherwise once" },
  pause: { help: "take no new requests, for a while (--for, --until) or until resume" },
  resume: { help: "take requests again" },
  logout: { help: "forget this agent's identity" },
  doctor: { help: "look at each step of the way to coordinator and Ollama, and say which is broken" },
  ollama: {
    help: "the Ollama that this agent looks after",
    actions: ["install", "update", "rollback", "status", "uninstall"],
  },
  service: {
    help: "start the agent with the user's session, or with --system with the machine",
    actions: ["install", "uninstall", "status"],
  },
} as const satisfies Record<string, CommandShape>;

export type Command = keyof typeof COMMANDS;
export type CallSources = Readonly<Record<keyof typeof OPTIONS, OptionSource>>;

/** A command line that can be carried out. */
export interface Call {
  command: Command;
  action: string | undefined;
  /** Where each setting came from. */
  sources: CallSources;
}

/**
 * Flags that say how one command is done; elsewhere they would be a misunderstanding. Those that are not here are settings:
 * any command takes them, as it takes them from the environment.
 */
const FLAG_PLACES: Partial<Record<keyof typeof OPTIONS, readonly string[]>> = {
  for: ["pause"],
  until: ["pause"],
  once: ["status"],
  json: ["status", "doctor", "ollama status", "service status"],
  yes: ["run", "ollama", "service install"],
  ollamaVersion: ["ollama install", "ollama update"],
  system: ["service"],
};

export type Words = { ok: true; command: Command; action: string | undefined } | { ok: false; error: string };

/** The command that the words of a command line name. */
export function readWords([word = "run", ...more]: readonly string[]): Words {
  const command = Object.keys(COMMANDS).find((known): known is Command => known === word);
  if (command === undefined) {
    return refused(`unknown command ${JSON.stringify(word)}; allowed: ${Object.keys(COMMANDS).join(", ")}`);
  }
  const { actions }: CommandShape = COMMANDS[command];
  if (actions === undefined) {
    return more.length === 0
      ? { ok: true, command, action: undefined }
      : refused(`unexpected argument ${JSON.stringify(more[0])}; allowed: one command and flags`);
  }
  const [action, rest] = more;
  if (action === undefined) return { ok: true, command, action };
  if (!actions.includes(action)) {
    return refused(`unknown command ${JSON.stringify(`${word} ${action}`)}; allowed: ${choices(command)}`);
  }
  if (rest === undefined) return { ok: true, command, action };
  // `--version 0.32.1` asks for this program's version: the number is left over.
  const hint = command === "ollama" ? "flags, as --ollama-version 0.32.1" : "flags";
  return refused(`unexpected argument ${JSON.stringify(rest)}; allowed: ${hint}`);
}

/** One line about what is missing or does not belong, where something is. */
export function misuse(
  { command, action, sources }: Call,
  flagOf: (name: string) => string,
): string | undefined {
  const { actions }: CommandShape = COMMANDS[command];
  if (actions !== undefined && action === undefined)
    return `${command}: of what? allowed: ${choices(command)}`;
  const here = [command, `${command} ${action}`];
  for (const [name, places] of Object.entries(FLAG_PLACES)) {
    const isGiven = Object.entries(sources).some(([given, source]) => given === name && source === "flag");
    if (isGiven && !places.some((place) => here.includes(place))) {
      return `--${flagOf(name)} does not go with "${action === undefined ? command : here[1]}"; allowed with: ${places.join(", ")}`;
    }
  }
  return undefined;
}

/** Rows of the help. */
export function commandRows(): [name: string, help: string][] {
  return Object.entries(COMMANDS).map(([name, { help, actions }]: [string, CommandShape]) => [
    actions === undefined ? name : `${name} ${actions.join("|")}`,
    help,
  ]);
}

function choices(command: Command): string {
  const { actions = [] }: CommandShape = COMMANDS[command];
  return actions.map((action) => `${command} ${action}`).join(", ");
}

function refused(error: string): { ok: false; error: string } {
  return { ok: false, error };
}
