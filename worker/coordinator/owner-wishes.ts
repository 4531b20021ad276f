import type { EventKind } from "../../shared/api/event-kinds.ts";
import type { Yielding } from "../../shared/protocol/messages.ts";
import type { Agent } from "./agent.ts";
import type { Recorder } from "./recorder.ts";

/** What a machine's owner has decided, as far as it changes what is done there. */
interface OwnerWishes {
  yielding: Yielding | null;
  /** Undefined until its first HELLO. */
  rules: { allow_manage: boolean; allow_cloud: boolean; max_concurrency: number | null } | undefined;
}

/** Lets an agent speak, and writes into the history what its owner has decided: it explains why a machine gets no work. */
export function hearWishes(agent: Agent, recorder: Pick<Recorder, "event">, speak: () => void): void {
  const before = wishesOf(agent);
  speak();
  for (const { kind, detail } of wishEvents(before, wishesOf(agent))) recorder.event(kind, agent.id, detail);
}

function wishesOf(agent: Agent): OwnerWishes {
  const { allow_manage, max_concurrency = null, machine_hash } = agent.facts;
  return {
    yielding: agent.state.yielding ?? null,
    rules:
      machine_hash === undefined
        ? undefined
        : { allow_manage, allow_cloud: agent.allowsCloud, max_concurrency },
  };
}

/** What of a change belongs into the history. Another detail of the same reason does not: programs come and go. */
function wishEvents(
  before: OwnerWishes,
  now: OwnerWishes,
): { kind: EventKind; detail: Record<string, unknown> }[] {
  const events: { kind: EventKind; detail: Record<string, unknown> }[] = [];
  if (now.yielding === null) {
    if (before.yielding !== null) events.push({ kind: "agent_shares", detail: {} });
  } else if (now.yielding.reason !== before.yielding?.reason) {
    const { reason, until = null } = now.yielding;
    events.push({ kind: "agent_yields", detail: { reason, until } });
  }
  if (
    before.rules !== undefined &&
    now.rules !== undefined &&
    JSON.stringify(before.rules) !== JSON.stringify(now.rules)
  ) {
    events.push({ kind: "agent_owner_rules", detail: now.rules });
  }
  return events;
}
