import type { FeedAgent } from "../../../../shared/api/feed.ts";
import { fmt } from "../../lib/fmt.ts";
import { machinesText } from "../../text/machines/index.ts";
import { StatusDot } from "../../ui/badge.tsx";
import { harmless } from "../../ui/harmless.ts";
import { Icon } from "../../ui/icons.tsx";
import { looksOf, type StateId, stateOf } from "./machine-state.ts";

type Shown = Pick<
  FeedAgent,
  "routable" | "not_routable_reason" | "active_requests" | "status" | "yielding"
> & { breakers: readonly { state: string }[] };

/** The state's words; what a newer coordinator calls otherwise stays as it says it. */
export function stateText(state: StateId): { name: string; means: string; next: string | null } {
  const found: { name: string; means: string; next: string | null } | undefined =
    machinesText.value.state[state];
  return found ?? { name: harmless(state), means: "", next: null };
}

/** The time when its owner's reason ends, where that is known, and his words. */
export function yieldDetail(yielding: FeedAgent["yielding"]): string {
  if (yielding === null) return "";
  const parts = [
    yielding.detail === null ? "" : harmless(yielding.detail),
    yielding.until === null ? "" : machinesText.value.until(fmt.dateTime(yielding.until)),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** A dot and the state in words; the rest of its reason in the tooltip. */
export function MachineState({ agent }: { agent: Shown }) {
  const state = stateOf(agent);
  const { name, means } = stateText(state);
  const broken = agent.breakers.filter((breaker) => breaker.state !== "closed").length;
  const more = yieldDetail(agent.yielding);
  const title = [means, more].filter((part) => part !== "").join(" ");
  return (
    <StatusDot tone={looksOf(state).tone} pulse={state === "working"} title={title}>
      <span class="name">{name}</span>
      {broken > 0 && (
        <span class="machines-warn" title={machinesText.value.broken(broken)}>
          <Icon name="warning" size={14} />
          <span class="sr-only">{machinesText.value.broken(broken)}</span>
        </span>
      )}
    </StatusDot>
  );
}
