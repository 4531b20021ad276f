import { parseArgs } from "node:util";

/** How much is done; a tenth of it between two samples. */
export interface Size {
  readonly requests: number;
  readonly reconnects: number;
  readonly guests: number;
}

export interface SoakOptions {
  readonly size: Size;
  /** The agent as one file instead of from its sources. */
  readonly executable: boolean;
}

const WHOLE: Size = { requests: 50_000, reconnects: 500, guests: 200 };
const QUICK: Size = { requests: 2_500, reconnects: 50, guests: 20 };

export const FLAGS = {
  quick: { type: "boolean", default: false },
  executable: { type: "boolean", default: false },
} as const;

/** `--quick`: a twentieth of it, to see that it runs; `--executable`. */
export function readOptions(argv: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: FLAGS,
  });
  return { size: values.quick ? QUICK : WHOLE, executable: values.executable };
}
