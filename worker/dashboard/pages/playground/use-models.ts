import { useComputed } from "@preact/signals";
import type { ModelView } from "../../../../shared/api/models.ts";
import { ask, call } from "../../lib/api.ts";
import { agentsById, revision } from "../../lib/feed.ts";
import { type Resource, useResource } from "../../lib/resource.ts";
import { canChange } from "../../lib/session.ts";
import { type OfferedModel, offeredModels, type TaggedModel, taggedModels } from "./lib/offered-model.ts";

const PAGE = 500;
/** A fleet with more different models than this is no list for a person. */
const MOST_PAGES = 10;

export function useModels(): Resource<readonly OfferedModel[]> {
  const change = useComputed(() => revision("models").value).value;
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

async function allModels(signal: AbortSignal): Promise<ModelView[]> {
  const all: ModelView[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const { items, next_cursor } = await call("GET /api/admin/models", { query, signal });
    all.push(...items);
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  return all;
}
