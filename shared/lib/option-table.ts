import type { z } from "zod";

/** One option of a program: how it is given, what it may be and what the help says of it. */
export interface Option<T = unknown> {
  /** Without dashes: `coordinator-url`; false for one that only environment or config file can give. */
  flag: string | false;
  /** One letter: `h` for `-h`. */
  short?: string;
  env?: string;
  /** Key in the config file; by default the flag in snake_case, false for none. */
  config?: string | false;
  kind: "string" | "number" | "boolean";
  schema: z.ZodType<T>;
  /** Completes "allowed: …" in an error: `an http(s) URL`. */
  allowed: string;
  default?: T;
  help: string;
  /** Its value is never shown in an error. */
  secret?: boolean;
  /** What stands for the value in the help: `URL`. */
  placeholder?: string;
}

export type OptionTable = Readonly<Record<string, Option>>;

export type OptionSource = "flag" | "environment" | "config" | "default";

export type OptionValues<T extends OptionTable> = {
  [K in keyof T]: T[K] extends { default: NonNullable<unknown> }
    ? z.output<T[K]["schema"]>
    : z.output<T[K]["schema"]> | undefined;
};

/** Keeps the table's own type, so that `resolveOptions` gives each value its type. */
export function defineOptions<const T extends OptionTable>(
  table: T & { [K in keyof T]: Option<z.output<T[K]["schema"]>> },
): T {
  return table;
}

/** The option's key in the config file, undefined when it has none. */
export function configKey(option: Option): string | undefined {
  if (option.config === false) return undefined;
  if (option.config !== undefined) return option.config;
  return option.flag === false ? undefined : option.flag.replaceAll("-", "_");
}
