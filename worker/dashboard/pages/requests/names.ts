import { computed, type ReadonlySignal } from "@preact/signals";
import type { KeyView } from "../../../../shared/api/keys.ts";
import { call } from "../../lib/api.ts";
import { agentsById, feed, revision } from "../../lib/feed.ts";
import { useModelsChange } from "../../lib/models.ts";
import { useResource } from "../../lib/resource.ts";

const keysChanged = revision("keys");
/** More than these are not offered; they can be typed, or come by a link. */
const MOST = 500;

// As a text, which is the same while no machine comes, goes or gets another name: figures that move redraw no list.
const machinesText = computed(() => JSON.stringify(feed.agents.value.map(({ id, name }) => [id, name])));
export const machines: ReadonlySignal<readonly [id: string, name: string][]> = computed(() =>
  // Its own text.
  (JSON.parse(machinesText.value) as [string, string][]).sort(([, a], [, b]) => a.localeCompare(b)),
);

/** What a machine is called now; the name that a row remembers where it is gone. */
export const machineName = (id: string | null, remembered: string | null = null): string | null =>
  (id === null ? undefined : agentsById.value.get(id)?.name) ?? remembered ?? id;

export function useKeys(): readonly KeyView[] {
  const asked = useResource(
    (signal) => call("GET /api/admin/keys", { query: { limit: MOST }, signal }),
    [keysChanged.value],
  );
  return asked.data?.items ?? [];
}

export function useModelNames(): readonly string[] {
  const change = useModelsChange();
  const asked = useResource(
    (signal) => call("GET /api/admin/models", { query: { limit: MOST }, signal }),
    [change],
  );
  return asked.data?.items.map(({ name }) => name) ?? [];
}
