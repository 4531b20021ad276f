import type { Browser, Page } from "playwright-core";
import { z } from "zod";

/** What a page's main thread did for a while. A task is one turn of its loop: a frame, a message, with all that it brings about. */
export interface MainThread {
  tasks: number;
  /** The longest task by the clock on the wall, ms: whatever else ran on this machine meanwhile is in it. */
  longestMs: number;
  /** The longest by the time that the thread really had a processor, ms: on an idle machine the two are the same. */
  longestCpuMs: number;
  /** Share of one core. */
  busy: number;
}

/** Times are microseconds; `tdur` is the processor's. */
const trace = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      pid: z.number(),
      tid: z.number(),
      dur: z.number().default(0),
      tdur: z.number().default(0),
    }),
  ),
});

/** Measures while `scene` runs, as the browser's own tracing sees it. */
export async function watchMainThread(
  browser: Browser,
  page: Page,
  scene: () => Promise<unknown>,
): Promise<MainThread> {
  const mark = crypto.randomUUID();
  await browser.startTracing(page, { categories: ["toplevel", "blink.user_timing"] });
  const began = performance.now();
  // Of all the browser's threads, the page's is the one that has made this mark.
  await page.evaluate((name) => void performance.mark(name), mark);
  try {
    await scene();
  } finally {
    await page.evaluate(() => performance.clearMarks());
  }
  const lastedMs = performance.now() - began;
  const { traceEvents } = trace.parse(JSON.parse((await browser.stopTracing()).toString()));
  const own = traceEvents.find(({ name }) => name === mark);
  if (own === undefined) throw new Error("the page's mark is not in the trace");
  const tasks = traceEvents.filter(
    ({ name, pid, tid }) => name === "ThreadControllerImpl::RunTask" && pid === own.pid && tid === own.tid,
  );
  if (tasks.length === 0) throw new Error("the trace has no task of the page's main thread");
  return {
    tasks: tasks.length,
    longestMs: Math.max(...tasks.map(({ dur }) => dur)) / 1_000,
    longestCpuMs: Math.max(...tasks.map(({ tdur }) => tdur)) / 1_000,
    busy: tasks.reduce((sum, { tdur }) => sum + tdur, 0) / 1_000 / lastedMs,
  };
}
