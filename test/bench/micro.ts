/**
 * Time of one operation, µs, of this thread alone: on a machine that does other things too, a clock on the wall measures those.
 * @param enoughMs how long to measure: where that time is counted in ticks of 4 ms, 200 ms are exact to 2 %
 */
export function microseconds(enoughMs: number, operation: (number: number) => void): number {
  let number = 0;
  const run = (ms: number): number => {
    const before = process.threadCpuUsage();
    for (let done = 0; ; ) {
      for (let each = 0; each < BATCH; each++) operation(number++);
      done += BATCH;
      const { user, system } = process.threadCpuUsage(before);
      if (user + system >= ms * 1_000) return (user + system) / done;
    }
  };
  // What is compiled on the way is not what is measured.
  run(enoughMs / 4);
  return run(enoughMs);
}

/** Operations between two looks at the time. */
const BATCH = 20;
