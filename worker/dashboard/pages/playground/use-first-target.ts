import { useEffect } from "preact/hooks";
import { agentsById, feed } from "../../lib/feed.ts";
import { query, setQuery } from "../../lib/router.ts";
import type { OfferedModel } from "./lib/offered-model.ts";
import { playground } from "./state.ts";

/** Who answers at first: what a link says (`?model=…&agent=ID`, which then goes from the address), else the first on offer. */
export function useFirstTarget(models: readonly OfferedModel[] | undefined): void {
  const model = query.value.get("model");
  const machine = query.value.get("agent");
  const isKnown = feed.ready.value;
  const [first] = models ?? [];
  useEffect(() => {
    const [target] = playground.targets.peek();
    if (target === undefined) return;
    if (model === null && machine === null) {
      if (target.model === "" && first !== undefined)
        playground.setTarget(0, { ...target, model: first.name });
      return;
    }
    // A machine's name comes with the feed.
    if (machine !== null && !isKnown) return;
    const agent = agentsById.peek().get(machine ?? "");
    playground.setTarget(0, {
      model: model ?? target.model,
      agent: agent && { id: agent.id, name: agent.name },
    });
    setQuery({ model: null, agent: null });
  }, [model, machine, isKnown, first?.name]);
}
