import type { FeedAgent } from "../../../../../shared/api/feed.ts";
import type { ModelView } from "../../../../../shared/api/models.ts";
import { list, record, text } from "./answer/json.ts";
import type { Machine } from "./chat.ts";

export interface ModelMachine extends Machine {
  online: boolean;
  loaded: boolean;
}

/** A model as the playground offers it. */
export interface OfferedModel {
  name: string;
  machines: readonly ModelMachine[];
  loaded: boolean;
  /** Undefined: its Ollama is too old to say. */
  capabilities: readonly string[] | undefined;
}

/** A model as `GET /api/tags` names it, aliases included. */
export interface TaggedModel {
  name: string;
  capabilities: readonly string[] | undefined;
}

/** @param answer of `GET /api/tags` */
export function taggedModels(answer: unknown): TaggedModel[] {
  return list(record(answer).models).flatMap((item) => {
    const { name, capabilities } = record(item);
    const known = list(capabilities).filter((one) => typeof one === "string");
    return text(name) === undefined
      ? []
      : [{ name: String(name), capabilities: known.length === 0 ? undefined : known }];
  });
}

/** What can chat: those in memory first, then by name. Models that only embed cannot, as far as that is known. */
export function offeredModels(
  tagged: readonly TaggedModel[],
  models: readonly ModelView[],
  agents: ReadonlyMap<string, FeedAgent>,
): OfferedModel[] {
  const holders = new Map(models.map((model) => [model.name, model]));
  return tagged
    .filter(({ capabilities }) => capabilities === undefined || capabilities.includes("completion"))
    .map(({ name, capabilities }): OfferedModel => {
      const machines = (holders.get(name)?.agents ?? []).map((holder): ModelMachine => {
        // The feed is newer than the list.
        const agent = agents.get(holder.id);
        return {
          id: holder.id,
          name: agent?.name ?? holder.name,
          online: agent === undefined ? holder.online : agent.status === "online",
          loaded: agent === undefined ? holder.loaded : agent.loaded.includes(name),
        };
      });
      return { name, machines, loaded: machines.some((one) => one.online && one.loaded), capabilities };
    })
    .toSorted((a, b) => Number(b.loaded) - Number(a.loaded) || a.name.localeCompare(b.name));
}

/** Those whose name contains every word. */
export function foundModels(models: readonly OfferedModel[], wanted: string): readonly OfferedModel[] {
  const words = wanted.toLowerCase().split(/\s+/);
  return models.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}
