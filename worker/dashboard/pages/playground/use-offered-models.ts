import type { ModelView } from "../../../../shared/api/models.ts";
import { ask } from "../../lib/api.ts";
import { agentsById } from "../../lib/feed.ts";
import { allModels, useModelsChange } from "../../lib/models.ts";
import { type Resource, useResource } from "../../lib/resource.ts";
import { canChange } from "../../lib/session.ts";
import { type OfferedModel, offeredModels, type TaggedModel, taggedModels } from "./lib/offered-model.ts";

/** What can be asked here: the models of the fleet, and the aliases that stand for models. */
export function useOfferedModels(): Resource<readonly OfferedModel[]> {
  const change = useModelsChange();
  const admin = canChange.value;
  const { data, ...rest } = useResource(
    async (signal) => {
      const views = await allModels(signal);
      return { views, tagged: admin ? await tags(signal) : namesOf(views) };
    },
    [change, admin],
  );
  const agents = agentsById.value;
  return { ...rest, data: data && offeredModels(data.tagged, data.views, agents) };
}

/** With the aliases that stand for models. */
async function tags(signal: AbortSignal): Promise<TaggedModel[]> {
  const response = await ask("GET", "/api/tags", undefined, signal);
  return taggedModels(await response.json());
}

/** A viewer may not use the client API. */
const namesOf = (views: readonly ModelView[]): TaggedModel[] =>
  views.map(({ name }) => ({ name, capabilities: undefined }));
