import type { Agent } from "../agent.ts";
import { byRoom, hasRoom } from "./room.ts";
import { sizeOf } from "./size.ts";
import type { Wish } from "./wish.ts";

/** A machine that is away for less than this still counts as having its models, ms: a restart must not move gigabytes. */
export const GRACE_MS = 600_000;

export interface Standing {
  /** Machines that count as having the model. */
  have: number;
  /** Replicas that are neither there nor on their way. */
  missing: number;
  /** Pulls beyond what was wished. */
  surplus: number;
  /** Machines that could take it now, best first. */
  candidates: Agent[];
  /** Why nothing is done about those that are missing, if nothing is. */
  problem: string | undefined;
  /** When to look again although nothing has changed, ms; undefined: no need. */
  again: number | undefined;
}

export interface Surroundings {
  agents: Iterable<Agent>;
  now: number;
  /** Machines on their way to have this model. */
  pulling: ReadonlySet<Agent>;
  /** Machines that pull, whatever it is. */
  busy: ReadonlySet<Agent>;
}

/** How a wish stands, and what could be done about it. */
export function standingOf(wish: Wish, { agents, now, pulling, busy }: Surroundings): Standing {
  let have = 0;
  let onTheirWay = 0;
  const leaving: number[] = [];
  const lacking: Agent[] = [];
  for (const agent of agents) {
    const model = agent.model(wish.canonical);
    if (!wish.allows(agent)) continue;
    if (model === undefined) {
      if (pulling.has(agent)) onTheirWay++;
      else lacking.push(agent);
    } else if (isOnline(agent)) {
      have++;
    } else {
      const until = (agent.lostAt ?? agent.lastSeen ?? Number.NEGATIVE_INFINITY) + GRACE_MS;
      if (now >= until) continue;
      have++;
      leaving.push(until);
    }
  }
  const firm = have - leaving.length + onTheirWay;
  const missing = Math.max(0, wish.replicas - have - onTheirWay);
  const surplus = Math.min(onTheirWay, Math.max(0, have + onTheirWay - wish.replicas));
  const waits = firm < wish.replicas ? leaving : [];
  if (missing === 0) {
    return { have, missing, surplus, candidates: [], problem: undefined, again: soonest(waits) };
  }

  const size = sizeOf(wish, agents);
  const sieve = new Sieve(
    lacking,
    wish.narrowed ? "no other machine is allowed" : "there is no other machine",
  );
  sieve.keep((agent) => isOnline(agent), "no other machine is online");
  sieve.keep((agent) => agent.notRoutable("online") === undefined, "no other machine takes work");
  sieve.keep((agent) => agent.facts.allow_manage, "no machine may be administered");
  sieve.keep((agent) => hasRoom(agent, size), "no other machine has room");
  for (const agent of sieve.left) {
    const retryAt = wish.failures.get(agent)?.until ?? 0;
    if (retryAt > now && retryAt < Number.POSITIVE_INFINITY) waits.push(retryAt);
  }
  const [first] = sieve.left;
  const failed =
    first === undefined ? "" : `the pull on ${first.name} failed: ${wish.failures.get(first)?.error}`;
  sieve.keep((agent) => (wish.failures.get(agent)?.until ?? 0) <= now, failed);
  return {
    have,
    missing,
    surplus,
    candidates: sieve.left.filter((agent) => !busy.has(agent)).sort(byRoom),
    problem:
      sieve.left.length > 0 ? undefined : `${wish.replicas - missing} of ${wish.replicas}: ${sieve.reason}`,
    again: soonest(waits),
  };
}

export function isOnline(agent: Agent): boolean {
  return agent.tunnel?.socket !== undefined;
}

function soonest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Machines that pass one condition after another; remembers which one nobody passed. */
class Sieve {
  left: Agent[];
  reason: string;

  constructor(agents: Agent[], reason: string) {
    this.left = agents;
    this.reason = reason;
  }

  keep(passes: (agent: Agent) => boolean, reason: string): void {
    if (this.left.length === 0) return;
    this.left = this.left.filter(passes);
    this.reason = reason;
  }
}
