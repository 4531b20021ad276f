import type { Option, OptionTable } from "./option-table.ts";

export interface ArgvValue {
  /** The flag as it was written, for errors: `--no-agent`. */
  as: string;
  value: string | boolean;
}

export type Argv =
  | { ok: true; flags: Map<string, ArgvValue>; positionals: string[] }
  | { ok: false; error: string };

/** Splits a command line by the table: `--flag value`, `--flag=value`, `--on`, `--no-on`, `-h`, `--`. The last of one flag counts. */
export function parseArgv(table: OptionTable, argv: readonly string[]): Argv {
  const flags = new Map<string, ArgvValue>();
  const positionals: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "--") {
      positionals.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      positionals.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const as = equals < 0 ? word : word.slice(0, equals);
    const found = findFlag(table, as);
    if (found === undefined) {
      return { ok: false, error: `unknown flag ${JSON.stringify(as)}; allowed: ${flagNames(table)}` };
    }
    const { name, option, negated } = found;
    if (option.kind === "boolean") {
      if (negated && equals >= 0) {
        return {
          ok: false,
          error: `${as} takes no value, ${JSON.stringify(word.slice(equals + 1))} was given`,
        };
      }
      flags.set(name, { as, value: equals < 0 ? !negated : word.slice(equals + 1) });
      continue;
    }
    const value = equals < 0 ? argv[++at] : word.slice(equals + 1);
    // `--name --help` is a forgotten value far more often than a name; `--name=--help` says it on purpose.
    if (value === undefined || (equals < 0 && value.startsWith("--"))) {
      return { ok: false, error: `${as}: no value was given; allowed: ${option.allowed}` };
    }
    flags.set(name, { as, value });
  }
  return { ok: true, flags, positionals };
}

function findFlag(
  table: OptionTable,
  as: string,
): { name: string; option: Option; negated: boolean } | undefined {
  const entries = Object.entries(table);
  // First the exact name: a table may have a flag that itself begins with `no-`.
  for (const [name, option] of entries) {
    if (option.flag === false) continue;
    if (as === `--${option.flag}` || (option.short !== undefined && as === `-${option.short}`)) {
      return { name, option, negated: false };
    }
  }
  for (const [name, option] of entries) {
    if (option.kind === "boolean" && option.flag !== false && as === `--no-${option.flag}`) {
      return { name, option, negated: true };
    }
  }
  return undefined;
}

function flagNames(table: OptionTable): string {
  return Object.values(table)
    .filter((option) => option.flag !== false)
    .map((option) => `--${option.flag}`)
    .join(", ");
}
