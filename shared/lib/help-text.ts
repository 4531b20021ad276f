import { configKey, type Option, type OptionTable } from "./option-table.ts";

export interface HelpParts {
  /** After "Usage: ". */
  usage: string;
  intro: string;
  commands?: readonly (readonly [name: string, help: string])[];
}

/** What `--help` prints, made of the same table that the command line is read by. */
export function helpText(table: OptionTable, parts: HelpParts): string {
  const options = Object.values(table);
  const flags = options.filter((option) => option.flag !== false);
  const others = options.filter((option) => option.flag === false);
  const blocks = [`Usage: ${parts.usage}`, parts.intro];
  if (parts.commands !== undefined && parts.commands.length > 0)
    blocks.push(block("Commands", parts.commands));
  if (flags.length > 0)
    blocks.push(
      block(
        "Options",
        flags.map((option) => [left(option), right(option)]),
      ),
    );
  const env = others.filter((option) => option.env !== undefined);
  if (env.length > 0) {
    blocks.push(
      block(
        "Environment",
        env.map((option) => [option.env ?? "", right({ ...option, env: "" })]),
      ),
    );
  }
  const config = others.filter((option) => option.env === undefined);
  if (config.length > 0) {
    blocks.push(
      block(
        "Config file",
        config.map((option) => [configKey(option) ?? "", right(option)]),
      ),
    );
  }
  return `${blocks.join("\n\n")}\n`;
}

function left(option: Option): string {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  if (option.kind === "boolean") {
    const negative = option.default === true && !String(option.flag).startsWith("no-");
    return `${short}--${negative ? "no-" : ""}${option.flag}`;
  }
  return `${short}--${option.flag} ${option.placeholder ?? (option.kind === "number" ? "N" : "VALUE")}`;
}

function right(option: Option): string {
  const notes: string[] = [];
  if (option.default !== undefined && option.kind !== "boolean" && option.default !== "") {
    notes.push(`default ${option.default}`);
  }
  if (option.env !== undefined && option.env !== "") notes.push(`env ${option.env}`);
  return notes.length === 0 ? option.help : `${option.help} (${notes.join("; ")})`;
}

function block(title: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return [`${title}:`, ...rows.map(([name, help]) => `  ${name.padEnd(width)}  ${help}`)].join("\n");
}
