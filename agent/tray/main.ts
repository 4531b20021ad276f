import { resolveOptions } from "../../shared/lib/options.ts";
import { systemClock } from "../core/clock.ts";
import { AGENT_OPTIONS } from "../program/agent-options.ts";
import { ControlServer } from "../program/control/control-server.ts";
import { invocationOf } from "../program/invocation.ts";
import { openProgram } from "../program/open-program.ts";
import { type RunningAgent, runTray } from "./tray.ts";

const GRACE_MS = 10_000;

/** The same program as that of the command line, told by the environment and by its owner's settings. */
async function start(): Promise<RunningAgent> {
  const resolved = resolveOptions(AGENT_OPTIONS, { argv: [], env: process.env, config: undefined });
  if (!resolved.ok) throw new Error(resolved.error);
  const program = await openProgram({
    ...invocationOf(resolved.values, resolved.sources, process.env),
    assumeYes: false,
    attended: true,
    observe: () => {},
  });
  const control = new ControlServer({
    stateDir: resolved.values.stateDir,
    api: program,
    clock: systemClock,
  });
  await control.start();
  const ended = program.run();
  return {
    program,
    ended,
    woke: () => program.woke(),
    stop: async () => {
      await program.stop({ graceMs: GRACE_MS });
      await ended.catch(() => {});
      await control.stop();
    },
  };
}

runTray(import.meta.dirname, start);
