import { parseArgs } from "node:util";
import { BuildError } from "./build-error.ts";
import { TARGETS, type Target } from "./targets.ts";

const PARTS = ["worker", "agent", "coordinator", "tray"] as const;
export type Part = (typeof PARTS)[number];

export interface BuildOptions {
  readonly parts: readonly Part[];
  readonly targets: readonly Target[];
  /** Everything was asked for: the archives of a release are made of it. */
  readonly release: boolean;
}

export const FLAGS = { only: { type: "string" }, target: { type: "string" } } as const;

/** `--only agent,coordinator`, `--target linux-x64`; all of it without them. @throws BuildError */
export function readOptions(argv: readonly string[]): BuildOptions {
  const { only, target } = parsed(argv);
  return {
    parts: only === undefined ? PARTS : chosen("--only", only, PARTS, (part) => part),
    targets: target === undefined ? TARGETS : chosen("--target", target, TARGETS, ({ id }) => id),
    release: only === undefined,
  };
}

function parsed(argv: readonly string[]): { only?: string | undefined; target?: string | undefined } {
  try {
    return parseArgs({ args: [...argv], options: FLAGS }).values;
  } catch (error) {
    throw new BuildError(error instanceof Error ? error.message : String(error));
  }
}

function chosen<T>(flag: string, list: string, known: readonly T[], nameOf: (item: T) => string): T[] {
  return list.split(",").map((name) => {
    const item = known.find((candidate) => nameOf(candidate) === name);
    if (item === undefined)
      throw new BuildError(`${flag} ${name}: it is one of ${known.map(nameOf).join(", ")}`);
    return item;
  });
}
