import type { CoordinatorApi } from "./api.ts";

/** Version of the interface between Worker and object: in a deploy the two may differ by one for minutes. */
export const INTERFACE_VERSION = 1;

/** What the Worker may call on the object; everything else of it stays inside. */
export const API_METHODS = [
  "findKey",
  "findAgentByToken",
  "mayCall",
  "tags",
  "ps",
  "lowestVersion",
  "corsOrigins",
  "prune",
  "register",
  "updateRegistration",
  "health",
  "listAgents",
  "getAgent",
  "patchAgent",
  "deleteAgent",
  "drainAgent",
  "disconnectAgent",
  "listKeys",
  "createKey",
  "patchKey",
  "deleteKey",
  "listJoinTokens",
  "createJoinToken",
  "deleteJoinToken",
  "getQueue",
  "listModels",
  "putPlacement",
  "deletePlacement",
  "getSettings",
  "putSettings",
] as const satisfies readonly (keyof CoordinatorApi)[];

export type ApiMethod = (typeof API_METHODS)[number];
