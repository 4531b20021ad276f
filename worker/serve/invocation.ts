import { readFileSync } from "node:fs";
import { type OptionValues, resolveOptions } from "../../shared/lib/options.ts";
import { OPTIONS } from "./options.ts";

export type ServeOptions = OptionValues<typeof OPTIONS>;

export type Invocation = { ok: true; options: ServeOptions } | { ok: false; error: string };

/** What this program was asked to do; the config file that the command line names is read on the way. */
export function readInvocation(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Invocation {
  const first = resolveOptions(OPTIONS, { argv, env, config: undefined });
  if (!first.ok) return first;
  const [word] = first.positionals;
  if (word !== undefined)
    return { ok: false, error: `unexpected argument ${JSON.stringify(word)}; allowed: flags` };
  const file = first.values.config;
  if (file === undefined) return { ok: true, options: first.values };
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof SyntaxError ? "is not JSON" : `cannot be read (${codeOf(error)})`;
    return { ok: false, error: `--config: ${JSON.stringify(file)} ${why}; allowed: a JSON file` };
  }
  const resolved = resolveOptions(OPTIONS, { argv, env, config });
  if (!resolved.ok) return resolved;
  const options = resolved.values;
  if (options.databaseUrl !== undefined && resolved.sources.dataDir === "default") {
    return { ok: true, options: { ...options, dataDir: options.databaseUrl.replace(/^sqlite:(\/\/)?/, "") } };
  }
  return { ok: true, options };
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
