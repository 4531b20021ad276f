import type { AgentState } from "../../shared/protocol/messages.ts";
import type { Keeper } from "../ollama/keeper/keeper.ts";
import type { OllamaStatus } from "./status.ts";

type Kept = Pick<
  Keeper,
  "source" | "url" | "problem" | "updateAvailable" | "previousVersion" | "managedVersion"
>;

/** What a person is told of this machine's Ollama: what looks after it, and what was last seen of it. */
export function ollamaStatus(keeper: Kept, seen: Readonly<AgentState>): OllamaStatus {
  const { source, url } = keeper;
  // Known at once where it is ours; what was seen may be of the version before.
  const own = source === "managed" ? keeper.managedVersion : undefined;
  const ok = seen.ollama === "ok";
  const loaded = new Set(ok ? (seen.loaded ?? []).map(({ name }) => name) : []);
  return {
    source,
    url,
    state: stateOf(keeper, seen),
    version: own ?? (ok ? seen.ollama_version : undefined) ?? null,
    problem: ok ? null : (keeper.problem ?? seen.ollama_error ?? null),
    update: keeper.updateAvailable ?? null,
    previous: keeper.previousVersion ?? null,
    models: ok
      ? (seen.models ?? []).map(({ name, size }) => ({ name, size: size ?? null, loaded: loaded.has(name) }))
      : [],
  };
}

/** One that this program has just started is not missing yet. */
function stateOf(keeper: Kept, seen: Readonly<AgentState>): OllamaStatus["state"] {
  if (seen.ollama === "ok" || seen.ollama === "hung") return seen.ollama;
  if (seen.ollama === undefined) return "starting";
  return keeper.source === "managed" && keeper.problem === undefined ? "starting" : "absent";
}
