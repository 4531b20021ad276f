import { createInterface } from "node:readline/promises";

/** How a person is asked; undefined where nobody is there to answer. The answer is undefined when they left instead. */
export type Ask = ((question: string) => Promise<boolean | undefined>) | undefined;

/** Asks on the terminal; anything but a yes is a no, but Ctrl-C is no answer. */
export function terminalAsk(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Ask {
  if (!input.isTTY || !output.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input, output });
    const left = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
    try {
      const answer = await Promise.race([lines.question(`${question} [y/N] `), left]);
      // The cursor still stands behind the question.
      if (answer === undefined) output.write("\n");
      return answer === undefined ? undefined : /^y(es)?$/i.test(answer.trim());
    } finally {
      lines.close();
    }
  };
}
