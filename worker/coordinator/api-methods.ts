import type { CoordinatorApi } from "./api.ts";

/**
 * What the Worker may call on the object; everything else of it stays inside. In a deploy the two may be a release apart for minutes:
 * methods and fields are added, and what goes, goes one release later.
 */
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
  "askPairing",
  "fetchPairing",
  "listPairings",
  "approvePairing",
  "rejectPairing",
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
  "listAccessTokens",
  "createAccessToken",
  "deleteAccessToken",
  "findAccessToken",
  "checkToken",
  "signIn",
  "signOut",
  "getQueue",
  "listModels",
  "putPlacement",
  "deletePlacement",
  "getSettings",
  "putSettings",
  "getMetrics",
] as const satisfies readonly (keyof CoordinatorApi)[];

export type ApiMethod = (typeof API_METHODS)[number];
