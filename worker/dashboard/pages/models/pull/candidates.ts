import type { FeedAgent } from "../../../../../shared/api/feed.ts";

/** Why a machine cannot be pulled to now; `ok`: it can. */
export type Fitness = "ok" | "offline" | "forbidden" | "yielding";

/** The same rules as the coordinator's, so that what it would refuse is said before. */
export function fitnessOf(agent: Pick<FeedAgent, "status" | "allow_manage" | "yielding">): Fitness {
  if (agent.status === "offline") return "offline";
  if (!agent.allow_manage) return "forbidden";
  return agent.yielding === null ? "ok" : "yielding";
}
