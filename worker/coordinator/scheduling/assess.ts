import type { YieldReason } from "../../../shared/protocol/messages.ts";
import type { Agent } from "../agent.ts";
import type { Holders, ReplicaList } from "./model-index.ts";
import type { Replica } from "./replica.ts";
import type { Refusal, Want } from "./want.ts";

/** What can be done for a request right now. */
export type Assessment =
  /** `only`: there is no other machine for it, busy or not. */
  | { kind: "choose"; free: [Replica, ...Replica[]]; busy: Replica[]; only: boolean }
  /** `until`: when time alone may change this (an agent stops counting as coming back), ms. */
  | { kind: "wait"; until: number | undefined }
  | { kind: "refuse"; refusal: Refusal };

/** What is looked at; `Registry` is one. */
export interface Machines {
  all(): Iterable<Agent>;
  get(id: string): Agent | undefined;
  /** Those that list a model, online or not. */
  holders(model: string): Holders;
}

export interface Fleet {
  machines: Machines;
  now: number;
  /** How long a lost agent counts as coming back, ms. */
  windowMs: number;
}

/**
 * As many candidates are compared. A model that is on more machines than that is not balanced better by comparing all of them, and
 * a thousand replicas do not fit into a processor's cache: looking at each costs 0.3 ms.
 */
const ENOUGH = 32;

/** The same fleet and the same want give the same answer. Looks at the machines that have the model, and at no other. */
export function assess(want: Want, fleet: Fleet): Assessment {
  const found = want.pinned === undefined ? findAll(want, fleet) : findPinned(want, want.pinned, fleet);
  const [head, ...rest] = found.free;
  if (head !== undefined) {
    return { kind: "choose", free: [head, ...rest], busy: found.busy, only: found.usable === 1 };
  }
  return found.busy.length > 0 ? { kind: "wait", until: found.tried } : whyNot(want, fleet);
}

interface Found {
  free: Replica[];
  busy: Replica[];
  /** Machines that can serve it, now or when they have a free slot; counted up to the first two. */
  usable: number;
  /** When the first of the breakers that keep a machine away lets somebody try, ms: nothing else says that it does. */
  tried: number | undefined;
}

function findPinned(want: Want, id: string, fleet: Fleet): Found {
  const replica = fleet.machines.get(id)?.replica(want.model);
  const usable = replica !== undefined && isUsable(replica.agent, want, fleet) ? [replica] : [];
  return split(usable, want);
}

function split(usable: readonly Replica[], want: Want): Found {
  const free: Replica[] = [];
  const busy: Replica[] = [];
  for (const replica of usable) (!want.slot || replica.agent.takes(replica) ? free : busy).push(replica);
  return { free, busy, usable: usable.length, tried: undefined };
}

/** Those that only serve it where there is nobody else: they have lost this request before, or fail all the time. */
interface Last {
  avoided: Replica[];
  resting: Replica[];
}

function findAll(want: Want, fleet: Fleet): Found {
  const { loaded, cold } = fleet.machines.holders(want.model);
  const found: Found = { free: [], busy: [], usable: 0, tried: undefined };
  const last: Last = { avoided: [], resting: [] };
  look(loaded, want, fleet, found, last);
  if (found.free.length < ENOUGH) look(cold, want, fleet, found, last);
  if (found.free.length + found.busy.length > 0) {
    return { ...found, usable: found.usable + last.avoided.length };
  }
  // What Ollama says of its failure helps the client more than what we could say of a machine that rests.
  return split(last.avoided.length > 0 ? last.avoided : last.resting, want);
}

function look(list: ReplicaList, want: Want, fleet: Fleet, found: Found, last: Last): void {
  const { agents, replicas } = list;
  const count = replicas.length;
  // Where all are compared anyway, the order of arrival decides among equals, and not where a look began.
  const start = count > ENOUGH ? list.start : 0;
  for (let step = 0; step < count; step++) {
    const at = start + step < count ? start + step : start + step - count;
    const agent = agents[at];
    if (agent === undefined) continue;
    // Asked first, being the cheapest: of a fleet without a free slot every machine is looked at.
    const crowded = want.slot && agent.isCrowded;
    if (crowded && found.busy.length >= ENOUGH) continue;
    if (!isUsable(agent, want, fleet)) continue;
    const replica = replicas[at];
    if (replica === undefined) continue;
    if (want.slot && !replica.breaker.allows(fleet.now)) {
      last.resting.push(replica);
      const { until = 0 } = replica.breaker;
      if (until > fleet.now) found.tried = Math.min(found.tried ?? until, until);
      continue;
    }
    if (want.avoid.has(agent.id)) {
      last.avoided.push(replica);
      continue;
    }
    found.usable++;
    if (want.slot && (crowded || !agent.takes(replica))) {
      if (found.busy.length < ENOUGH) found.busy.push(replica);
    } else {
      found.free.push(replica);
      if (found.free.length >= ENOUGH) return;
    }
  }
}

function isUsable(agent: Agent, { since }: Want, { now, windowMs }: Fleet): boolean {
  return agent.notRoutable(agent.presence(now, windowMs)) === undefined && agent.hasRoute(since);
}

/** Whether this very machine can take it now. */
export function canTake(want: Want, replica: Replica, fleet: Fleet): boolean {
  const { agent, breaker } = replica;
  return (
    isUsable(agent, want, fleet) &&
    !want.avoid.has(agent.id) &&
    breaker.allows(fleet.now) &&
    agent.takes(replica)
  );
}

/** Whether a machine other than this one could serve it, at once or in turn. */
export function servableElsewhere(want: Want, agent: Agent, fleet: Fleet): boolean {
  if (want.pinned !== undefined) return false;
  const { loaded, cold } = fleet.machines.holders(want.model);
  return [loaded, cold].some(({ replicas }) =>
    replicas.some(
      (other) =>
        other.agent !== agent && isUsable(other.agent, want, fleet) && other.breaker.allows(fleet.now),
    ),
  );
}

/** Nobody can serve it now; perhaps somebody will. */
function whyNot(want: Want, fleet: Fleet): Assessment {
  const { machines, now, windowMs } = fleet;
  const holders = machines.holders(want.model);
  const yielding = new Set<YieldReason>();
  let known = false;
  let onlyYielding = true;
  let back: number | undefined;
  for (const replica of [...holders.loaded.replicas, ...holders.cold.replicas]) {
    const { agent } = replica;
    if (want.pinned !== undefined && agent.id !== want.pinned) continue;
    known = true;
    if (!agent.hasRoute(want.since)) continue;
    const presence = agent.presence(now, windowMs);
    const reason = agent.state.yielding?.reason;
    if (presence === "online" && reason !== undefined) yielding.add(reason);
    else if (presence !== "offline") onlyYielding = false;
    if (presence === "coming_back" && agent.lostAt !== undefined) {
      // One that is draining, or yields, gets no work when it is back either.
      if (!agent.record.draining && !agent.yields) back = Math.max(back ?? 0, agent.lostAt + windowMs);
    }
  }
  if (back !== undefined) return { kind: "wait", until: back };
  const present = [...machines.all()].some((agent) => agent.presence(now, windowMs) !== "offline");
  const code = !present ? "no_agents" : known ? "model_offline" : "model_not_found";
  const owned = code === "model_offline" && onlyYielding && yielding.size > 0;
  return { kind: "refuse", refusal: { code, ...(owned ? { yielding: [...yielding] } : {}) } };
}
