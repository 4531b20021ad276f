import { join } from "node:path";
import { AGENT_NODE_FLAGS } from "../../worker/serve/local-agent.ts";
import { DIST } from "./folders.ts";
import type { Target } from "./targets.ts";

export interface ProgramPlan {
  readonly name: "agent" | "coordinator";
  readonly entry: string;
  readonly nodeFlags: readonly string[];
}

export const AGENT: ProgramPlan = { name: "agent", entry: "agent/cli/main.ts", nodeFlags: AGENT_NODE_FLAGS };
export const COORDINATOR: ProgramPlan = { name: "coordinator", entry: "worker/serve/main.ts", nodeFlags: [] };
export const PROGRAMS: readonly ProgramPlan[] = [AGENT, COORDINATOR];

/** Where an executable is built. */
export const executableFile = (program: ProgramPlan, target: Target): string =>
  join(DIST, target.id, `${program.name}${target.suffix}`);
