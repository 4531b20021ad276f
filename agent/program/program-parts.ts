import type { Agent, AgentOptions } from "../core/agent.ts";
import type { Clock } from "../core/clock.ts";
import type { IdentityFile } from "../core/identity/identity-file.ts";
import type { AgentEvent, Observe } from "../core/observer.ts";
import type { Keeper } from "../ollama/keeper/keeper.ts";
import type { KeeperDeps } from "../ollama/keeper/keeper-parts.ts";
import type { Note } from "./event-text.ts";
import type { OwnersWord } from "./owners-word.ts";
import type { SharingWatch } from "./sharing/sharing-watch.ts";

export type Sharing = Pick<SharingWatch, "start" | "stop" | "status" | "setRules" | "pause" | "resume">;

export interface ProgramOptions {
  stateDir: string;
  defaultName: string;
  joinToken: string | undefined;
  heartbeatMs: number | undefined;
  ollamaParallel: number | undefined;
  machineHash: string;
  /** Somebody looks at this program and can act when it cannot go on: it waits for them instead of ending. */
  attended: boolean;
}

/** What a keeper is told and asked by its program. */
export type KeeperHost = Pick<
  KeeperDeps,
  "drain" | "idle" | "autoUpdate" | "moved" | "refresh" | "changed" | "tell"
>;

export interface ProgramParts {
  clock: Clock;
  wallClock(): Date;
  identity: Pick<IdentityFile, "read" | "delete">;
  word: OwnersWord;
  keeper(host: KeeperHost): Keeper;
  sharing(changed: () => void): Sharing;
  /** Nobody looks at the owner any more. */
  closeSensors(): void;
  agent(options: AgentOptions, observe: Observe): Agent;
  observe(event: AgentEvent | Note): void;
}
