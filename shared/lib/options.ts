import { type ArgvValue, parseArgv } from "./argv.ts";
import { configKey, type OptionSource, type OptionTable, type OptionValues } from "./option-table.ts";

export { helpText } from "./help-text.ts";
export {
  defineOptions,
  type Option,
  type OptionSource,
  type OptionTable,
  type OptionValues,
} from "./option-table.ts";

export interface OptionInputs {
  argv: readonly string[];
  /** An empty string counts as not set. */
  env: Readonly<Record<string, string | undefined>>;
  /** The parsed config file; undefined when there is none. */
  config: unknown;
}

export type ResolvedOptions<T extends OptionTable> =
  | {
      ok: true;
      values: OptionValues<T>;
      sources: { [K in keyof T]: OptionSource };
      positionals: string[];
    }
  /** One line for standard error. */
  | { ok: false; error: string };

/** Where a value came from, as an error calls it. */
interface Given {
  source: OptionSource;
  label: string;
  /** Text from a command line or the environment, or a JSON value. */
  value: unknown;
}

/** Flags beat environment beats config file beats defaults; the first bad value found is the answer. */
export function resolveOptions<const T extends OptionTable>(
  table: T,
  inputs: OptionInputs,
): ResolvedOptions<T> {
  const argv = parseArgv(table, inputs.argv);
  if (!argv.ok) return argv;
  const config = configOf(table, inputs.config);
  if (!config.ok) return config;
  const values: Record<string, unknown> = {};
  const sources: Record<string, OptionSource> = {};
  for (const [name, option] of Object.entries(table)) {
    const given = givenOf(name, table, argv.flags, inputs.env, config.entries);
    sources[name] = given?.source ?? "default";
    if (given === undefined) {
      values[name] = option.default;
      continue;
    }
    const parsed = option.schema.safeParse(typed(option.kind, given));
    if (!parsed.success) {
      return {
        ok: false,
        error: `${given.label}: ${shown(given.value, option.secret)}; allowed: ${option.allowed}`,
      };
    }
    values[name] = parsed.data;
  }
  // The loop above gave every name of the table its schema's output: the one place where that is said to the compiler.
  return {
    ok: true,
    values: values as OptionValues<T>,
    sources: sources as { [K in keyof T]: OptionSource },
    positionals: argv.positionals,
  };
}

function givenOf(
  name: string,
  table: OptionTable,
  flags: ReadonlyMap<string, ArgvValue>,
  env: OptionInputs["env"],
  config: ReadonlyMap<string, unknown>,
): Given | undefined {
  const option = table[name];
  if (option === undefined) return undefined;
  const flag = flags.get(name);
  if (flag !== undefined) return { source: "flag", label: flag.as, value: flag.value };
  const text = option.env === undefined ? undefined : env[option.env];
  if (text !== undefined && text !== "")
    return { source: "environment", label: `${option.env}`, value: text };
  const key = configKey(option);
  if (key !== undefined && config.has(key)) {
    return { source: "config", label: `config key ${key}`, value: config.get(key) };
  }
  return undefined;
}

function configOf(
  table: OptionTable,
  config: unknown,
): { ok: true; entries: Map<string, unknown> } | { ok: false; error: string } {
  if (config === undefined) return { ok: true, entries: new Map() };
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    return { ok: false, error: `config file: ${shown(config)}; allowed: a JSON object` };
  }
  const known = new Set(Object.values(table).map(configKey));
  const entries = new Map<string, unknown>(Object.entries(config));
  for (const key of entries.keys()) {
    if (known.has(key)) continue;
    const names = [...known].filter((name) => name !== undefined).join(", ");
    return { ok: false, error: `config file: unknown key ${JSON.stringify(key)}; allowed: ${names}` };
  }
  return { ok: true, entries };
}

const TRUE = new Set(["true", "1", "yes", "on"]);
const FALSE = new Set(["false", "0", "no", "off"]);

/** Text becomes the option's kind; what cannot is left as it is for the schema to refuse. */
function typed(kind: "string" | "number" | "boolean", given: Given): unknown {
  const { value, source } = given;
  if (source === "config" || typeof value !== "string") return value;
  if (kind === "number") return value.trim() === "" ? value : Number(value);
  if (kind === "boolean") {
    const word = value.toLowerCase();
    return TRUE.has(word) ? true : FALSE.has(word) ? false : value;
  }
  return value;
}

const SHOWN_CHARS = 200;

/** The value as an error may show it: one line, no secret, no password of a URL. */
function shown(value: unknown, secret = false): string {
  if (secret) return "the value given (not shown) is not allowed";
  const text = (JSON.stringify(value) ?? String(value)).replace(/\/\/[^/@\s"]*@/g, "//***@");
  return `${text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text} is not allowed`;
}
