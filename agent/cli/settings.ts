import { readFile } from "node:fs/promises";
import { type OptionValues, resolveOptions } from "../../shared/lib/options.ts";
import { OPTIONS } from "./options.ts";

export type Settings = OptionValues<typeof OPTIONS>;

export const COMMANDS = ["run", "status", "logout"] as const;
export type Command = (typeof COMMANDS)[number];

export type Invocation =
  | { ok: true; command: Command; settings: Settings }
  /** One line for standard error. */
  | { ok: false; error: string };

/** What this program was asked to do; the config file that the command line names is read on the way. */
export async function readInvocation(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Invocation> {
  const first = resolveOptions(OPTIONS, { argv, env, config: undefined });
  if (!first.ok) return first;
  const [word = "run", ...more] = first.positionals;
  const command = COMMANDS.find((known) => known === word);
  if (command === undefined) {
    return { ok: false, error: `unknown command ${JSON.stringify(word)}; allowed: ${COMMANDS.join(", ")}` };
  }
  if (more.length > 0) {
    return {
      ok: false,
      error: `unexpected argument ${JSON.stringify(more[0])}; allowed: one command and flags`,
    };
  }
  const file = first.values.config;
  if (file === undefined) return { ok: true, command, settings: first.values };
  const config = await readConfig(file);
  if (!config.ok) return config;
  const resolved = resolveOptions(OPTIONS, { argv, env, config: config.value });
  return resolved.ok ? { ok: true, command, settings: resolved.values } : resolved;
}

async function readConfig(
  file: string,
): Promise<{ ok: true; value: unknown } | { ok: false; error: string }> {
  const refused = (why: string) => ({
    ok: false as const,
    error: `--config: ${JSON.stringify(file)} ${why}; allowed: a JSON file`,
  });
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    return refused(
      `cannot be read (${error instanceof Error && "code" in error ? error.code : String(error)})`,
    );
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return refused("is not JSON");
  }
}
