import { systemClock } from "../core/clock.ts";
import type { AgentControl } from "../program/control/agent-control.ts";
import { ControlClient } from "../program/control/control-client.ts";
import { ControlError } from "../program/control/control-error.ts";
import { ControlServer } from "../program/control/control-server.ts";
import { localControl } from "../program/control/local-control.ts";
import { invocationOf } from "../program/invocation.ts";
import type { Call } from "./commands.ts";
import { CommandError } from "./complain.ts";
import type { Settings } from "./settings.ts";

/** The agent that runs with the given state directory. @throws ControlError when none does */
export function openControl(settings: Pick<Settings, "stateDir">): Promise<AgentControl> {
  return ControlClient.connect(settings.stateDir, systemClock);
}

/** The same, undefined when none runs. @throws ControlError when one runs and cannot be spoken to */
export async function runningControl(
  settings: Pick<Settings, "stateDir">,
): Promise<AgentControl | undefined> {
  try {
    return await openControl(settings);
  } catch (error) {
    if (error instanceof ControlError && error.kind === "absent") return undefined;
    throw error;
  }
}

/**
 * The one that runs; where none does, a program in this process that looks after Ollama until it is closed.
 * @throws ControlError, and CommandError when `stop` fires before it is ready
 */
export async function controlOfOllama(
  settings: Settings,
  { sources }: Pick<Call, "sources">,
  stop: AbortSignal,
): Promise<AgentControl> {
  const running = await runningControl(settings);
  if (running !== undefined) return running;
  const { openProgram } = await import("../program/open-program.ts");
  const program = await openProgram({
    ...invocationOf(settings, sources, process.env),
    assumeYes: false,
    attended: true,
    observe: () => {},
  });
  // Taken before anything is touched: an agent that starts meanwhile has to wait.
  const lock = new ControlServer({ stateDir: settings.stateDir, api: program, clock: systemClock });
  await lock.start();
  // A second Ctrl-C ends this process there and then: its Ollama must not stay behind.
  const endNow = (): void => program.endNow();
  process.once("exit", endNow);
  const close = async (): Promise<void> => {
    await program.release();
    await lock.stop();
    process.off("exit", endNow);
  };
  const release = (): void => void program.release();
  stop.addEventListener("abort", release, { once: true });
  await program.tend();
  stop.removeEventListener("abort", release);
  if (stop.aborted) {
    await close();
    throw new CommandError("nothing was changed");
  }
  return localControl(program, close);
}
