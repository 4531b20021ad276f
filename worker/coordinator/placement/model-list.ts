import type { ModelView, PlacementView } from "../../../shared/api/models.ts";
import { canonicalName } from "../../../shared/lib/model-name.ts";
import type { LoadedModel, Model } from "../../../shared/protocol/messages.ts";
import type { Agent } from "../agent.ts";
import type { Placement } from "./placement.ts";
import { isOnline } from "./standing.ts";

interface Copy {
  agent: Agent;
  model: Model;
}

/** Models over the fleet, by canonical name: what any machine has, and what is to be somewhere. */
export class ModelList {
  readonly #agents: () => Iterable<Agent>;
  readonly #placement: Pick<Placement, "wished" | "view">;

  constructor(agents: () => Iterable<Agent>, placement: Pick<Placement, "wished" | "view">) {
    this.#agents = agents;
    this.#placement = placement;
  }

  /** Those after this canonical name, in order; `more`: there are others behind them. */
  page(after: string | undefined, limit: number): { items: ModelView[]; more: boolean } {
    const copies = this.#copies();
    for (const name of this.#placement.wished.keys()) if (!copies.has(name)) copies.set(name, []);
    const rest = [...copies.keys()].filter((name) => after === undefined || name > after).sort();
    const items = rest.slice(0, limit).map((name) => this.#view(name, copies.get(name) ?? []));
    return { items, more: rest.length > limit };
  }

  one(name: string): ModelView {
    const canonical = canonicalName(name);
    const copies: Copy[] = [];
    for (const agent of this.#agents()) {
      const model = agent.model(canonical);
      if (model !== undefined) copies.push({ agent, model });
    }
    return this.#view(canonical, copies, name);
  }

  #copies(): Map<string, Copy[]> {
    const all = new Map<string, Copy[]>();
    for (const agent of this.#agents()) {
      for (const model of agent.state.models ?? []) {
        if (!agent.offers(model)) continue;
        const name = canonicalName(model.name);
        const known = all.get(name);
        if (known === undefined) all.set(name, [{ agent, model }]);
        else known.push({ agent, model });
      }
    }
    return all;
  }

  /** @param asked how it is called if no machine has it and nobody wishes it */
  #view(canonical: string, copies: readonly Copy[], asked = canonical): ModelView {
    const wish = this.#placement.wished.get(canonical);
    const newest = copies.toSorted((a, b) => time(b.model) - time(a.model))[0]?.model;
    const byDigest = new Map<string, { id: string; name: string }[]>();
    for (const { agent, model } of copies) {
      if (model.digest === undefined) continue;
      const who = { id: agent.id, name: agent.name };
      const same = byDigest.get(model.digest);
      if (same === undefined) byDigest.set(model.digest, [who]);
      else same.push(who);
    }
    const placement: PlacementView | null = wish === undefined ? null : this.#placement.view(wish);
    return {
      name: newest?.name ?? wish?.stored.model ?? asked,
      size: newest?.size ?? null,
      digest: newest?.digest ?? null,
      conflict: byDigest.size > 1,
      digests: [...byDigest].map(([digest, agents]) => ({ digest, agents })),
      agents: copies.map((copy) => viewCopy(copy, loadedOn(copy.agent, canonical))),
      placement,
    };
  }
}

function viewCopy({ agent, model }: Copy, loaded: LoadedModel | undefined): ModelView["agents"][number] {
  return {
    id: agent.id,
    name: agent.name,
    online: isOnline(agent),
    digest: model.digest ?? null,
    size: model.size ?? null,
    loaded: loaded !== undefined,
    context_length: loaded?.context_length ?? null,
    size_vram: loaded?.size_vram ?? null,
  };
}

/** What a machine that is away had loaded says nothing of now. */
function loadedOn(agent: Agent, canonical: string): LoadedModel | undefined {
  if (!isOnline(agent)) return undefined;
  return agent.state.loaded?.find(({ name }) => canonicalName(name) === canonical);
}

function time({ modified_at }: Model): number {
  const ms = modified_at === undefined ? Number.NaN : Date.parse(modified_at);
  return Number.isNaN(ms) ? 0 : ms;
}
