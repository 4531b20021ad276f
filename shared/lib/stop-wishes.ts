/**
 * One wish to stop arrives several times: Ctrl-C reaches every process of the terminal, npm passes it on once more, and a
 * parent tells its child. What comes this soon after the first is the same wish; milliseconds.
 */
export const SAME_WISH_MS = 500;

/** What is to be called for each signal: the first wish stops in order, the second at once. */
export function stopWishes(options: { now(): number; stop(): void; abort(): void }): () => void {
  let first: number | undefined;
  return () => {
    if (first === undefined) {
      first = options.now();
      options.stop();
    } else if (options.now() - first >= SAME_WISH_MS) {
      options.abort();
    }
  };
}
