import { createInterface } from "node:readline/promises";

/**
 * How a person is asked; undefined where nobody is there to answer. The answer is undefined where there was none: `gone` fired,
 * the terminal was closed, or the person ended the program instead.
 */
export type Ask = ((question: string, gone: AbortSignal) => Promise<boolean | undefined>) | undefined;

/** Whoever is told of Ctrl-C while no question is open. */
function interrupt(): void {
  process.emit("SIGINT", "SIGINT");
}

/** Asks on the terminal; anything but a yes is a no. */
export function terminalAsk(
  input: NodeJS.ReadableStream & { isTTY?: boolean },
  output: NodeJS.WritableStream & { isTTY?: boolean },
  interrupted: () => void = interrupt,
): Ask {
  if (input.isTTY !== true || output.isTTY !== true) return undefined;
  return async (question, gone) => {
    if (gone.aborted) return undefined;
    const lines = createInterface({ input, output });
    const left = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
    const close = (): void => lines.close();
    gone.addEventListener("abort", close, { once: true });
    // A line that is waited for takes Ctrl-C away from the program that it is meant for.
    lines.once("SIGINT", () => {
      close();
      interrupted();
    });
    try {
      const answer = await Promise.race([lines.question(`${question} [y/N] `), left]);
      // The cursor still stands behind the question.
      if (answer === undefined) output.write("\n");
      return answer === undefined ? undefined : /^y(es)?$/i.test(answer.trim());
    } finally {
      gone.removeEventListener("abort", close);
      close();
    }
  };
}
