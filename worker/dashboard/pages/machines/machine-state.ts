import type { AgentView, NotRoutable } from "../../../../shared/api/agents.ts";

export type StateId = NotRoutable | "ready" | "working";

/** What the list can be filtered by; each state is in one. */
export const STATE_GROUPS = ["ready", "resting", "problem", "offline"] as const;
export type StateGroup = (typeof STATE_GROUPS)[number];

interface Looks {
  group: StateGroup;
  tone: "ok" | "warn" | "bad" | "info" | "off";
  /** Its place where the list is sorted by state: what needs somebody comes first. */
  rank: number;
}

const LOOKS: Record<StateId, Looks> = {
  ollama_absent: { group: "problem", tone: "bad", rank: 0 },
  ollama_hung: { group: "problem", tone: "bad", rank: 1 },
  no_tunnel: { group: "problem", tone: "bad", rank: 2 },
  coming_back: { group: "problem", tone: "warn", rank: 3 },
  working: { group: "ready", tone: "ok", rank: 4 },
  ready: { group: "ready", tone: "ok", rank: 5 },
  draining: { group: "resting", tone: "warn", rank: 6 },
  stopping: { group: "resting", tone: "warn", rank: 7 },
  paused: { group: "resting", tone: "info", rank: 8 },
  on_battery: { group: "resting", tone: "info", rank: 9 },
  outside_schedule: { group: "resting", tone: "info", rank: 10 },
  gpu_busy: { group: "resting", tone: "info", rank: 11 },
  full_screen: { group: "resting", tone: "info", rank: 12 },
  updating: { group: "resting", tone: "info", rank: 13 },
  offline: { group: "offline", tone: "off", rank: 14 },
};

export type Stateful = Pick<AgentView, "routable" | "not_routable_reason" | "active_requests" | "status">;

/** The one word for how a machine is. A machine that says nothing of why it gets no work is away. */
export function stateOf(agent: Stateful): StateId {
  if (agent.routable) return agent.active_requests > 0 ? "working" : "ready";
  return agent.not_routable_reason ?? "offline";
}

/** A reason that a newer coordinator knows is shown as a problem, not as a broken page. */
export function looksOf(state: StateId): Looks {
  return LOOKS[state] ?? { group: "problem", tone: "warn", rank: 3 };
}

export const isGroup = (text: string): text is StateGroup => STATE_GROUPS.some((group) => group === text);
