import { runningControl } from "../open-control.ts";

/** The process of the agent that runs with that state directory. @throws ControlError when it cannot be spoken to */
export async function agentPid(stateDir: string): Promise<number | null> {
  const control = await runningControl({ stateDir });
  if (control === undefined) return null;
  try {
    return (await control.status()).pid;
  } finally {
    await control.close();
  }
}
