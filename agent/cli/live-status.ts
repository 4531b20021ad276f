import type { Clock } from "../core/clock.ts";
import type { AgentControl } from "../program/control/agent-control.ts";
import type { AgentStatus } from "../program/status.ts";
import { LiveScreen } from "./view/live-screen.ts";
import { statusLines } from "./view/status-lines.ts";
import type { Terminal } from "./view/terminal.ts";

/** Ages and times left move on by themselves. */
const TICK_MS = 1_000;

/** Shows how the agent is until `stop` fires; an error when the agent ended first. The terminal is left as it was. */
export async function liveStatus(
  control: Pick<AgentControl, "watch">,
  options: { terminal: Terminal; colour: boolean; clock: Clock; stop: AbortSignal },
): Promise<Error | undefined> {
  const { terminal, colour, clock, stop } = options;
  const screen = new LiveScreen(terminal);
  let cancelTick = (): void => {};
  let endWatch = (): void => {};
  try {
    return await new Promise<Error | undefined>((resolve) => {
      stop.addEventListener("abort", () => resolve(undefined), { once: true });
      if (stop.aborted) resolve(undefined);
      const show = (status: AgentStatus): void => {
        cancelTick();
        screen.draw(() => statusLines(status, { columns: terminal.columns ?? 80, colour, now: new Date() }));
        cancelTick = clock.after(TICK_MS, () => show(status));
      };
      endWatch = control.watch(show, resolve);
    });
  } finally {
    endWatch();
    cancelTick();
    screen.close();
  }
}
