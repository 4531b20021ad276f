import { stopWishes } from "../../shared/lib/stop-wishes.ts";
import { EXIT } from "./exit-codes.ts";

/**
 * Ctrl-C, a service manager's stop, and on Windows Ctrl-Break and a console that closes. Not SIGHUP elsewhere: a handler
 * would undo what nohup asked for.
 */
const SIGNALS =
  process.platform === "win32"
    ? (["SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP"] as const)
    : (["SIGINT", "SIGTERM"] as const);

/**
 * Calls `stop` at the first wish to end and `abort` at the second. With `withParent` the end of standard input is such a
 * wish: a parent that was killed cannot send a signal.
 */
export function onStopWish(
  stop: () => void,
  abort: () => void,
  { withParent }: { withParent: boolean },
): void {
  let stopping = false;
  const wish = stopWishes({
    now: Date.now,
    stop: () => {
      stopping = true;
      stop();
    },
    abort,
  });
  for (const signal of SIGNALS) process.on(signal, wish);
  if (!withParent) return;
  process.stdin.once("close", () => {
    if (!stopping) wish();
  });
  process.stdin.on("error", () => {});
  process.stdin.resume();
}

/** Fires when a person ends what they look at; a second wish ends the process there and then. */
export function interrupted(): AbortSignal {
  const controller = new AbortController();
  onStopWish(
    () => controller.abort(),
    () => process.exit(EXIT.aborted),
    { withParent: false },
  );
  return controller.signal;
}
