import { systemClock } from "../core/clock.ts";
import type { AgentControl } from "../program/control/agent-control.ts";
import { ControlClient } from "../program/control/control-client.ts";
import { ControlError } from "../program/control/control-error.ts";
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
