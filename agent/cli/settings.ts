import { readFile } from "node:fs/promises";
import { type OptionTable, type OptionValues, resolveOptions } from "../../shared/lib/options.ts";
import { type Call, misuse, readWords } from "./commands.ts";
import { OPTIONS } from "./options.ts";

export type Settings = OptionValues<typeof OPTIONS>;

export type Invocation =
  | ({ ok: true; settings: Settings } & Call)
  /** One line for standard error. */
  | { ok: false; error: string };

/** What this program was asked to do; the config file that the command line names is read on the way. */
export async function readInvocation(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Invocation> {
  const first = resolveOptions(OPTIONS, { argv, env, config: undefined });
  if (!first.ok) return first;
  const words = readWords(first.positionals);
  if (!words.ok) return words;
  const { command, action } = words;
  // Help and version are answers to any command, complete or not.
  const isAsked = first.values.help || first.values.version;
  const wrong = isAsked ? undefined : misuse({ command, action, sources: first.sources }, flagOf);
  if (wrong !== undefined) return { ok: false, error: wrong };
  const file = first.values.config;
  if (file === undefined) {
    return { ok: true, command, action, settings: first.values, sources: first.sources };
  }
  const config = await readConfig(file);
  if (!config.ok) return config;
  const resolved = resolveOptions(OPTIONS, { argv, env, config: config.value });
  if (!resolved.ok) return resolved;
  return { ok: true, command, action, settings: resolved.values, sources: resolved.sources };
}

function flagOf(name: string): string {
  const table: OptionTable = OPTIONS;
  return String(table[name]?.flag);
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
