import { useSignal } from "@preact/signals";
import type { PlacementPut, PlacementView } from "../../../../../shared/api/models.ts";
import { call } from "../../../lib/api.ts";
import { type ApiError, asApiError } from "../../../lib/api-error.ts";
import { feed } from "../../../lib/feed.ts";
import { common } from "../../../text/common/index.ts";
import { modelsText } from "../../../text/models/index.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { NumberInput } from "../../../ui/fields.tsx";
import { Name } from "../../../ui/name.tsx";
import { Notice, whatToDo } from "../../../ui/states.tsx";
import { TagsInput } from "../../../ui/tags-input.tsx";
import { toast } from "../../../ui/toast.tsx";
import { type PlacementForm, placementForm, placementPut } from "./placement-form.ts";

/** Names that the field offers: a list of a thousand helps nobody. */
const OFFERED = 100;

export function PlacementDialog({
  name,
  placement,
  onSaved,
  onClose,
}: {
  name: string;
  placement: PlacementView | null;
  onSaved: () => void;
  onClose: () => void;
}) {
  const t = modelsText.value.placement;
  const form = useSignal<PlacementForm>(placementForm(placement, feed.agents.peek()));
  const busy = useSignal(false);
  const noNumber = useSignal(false);
  const failure = useSignal<ApiError | undefined>(undefined);
  const set = (change: Partial<PlacementForm>): void => {
    form.value = { ...form.value, ...change };
  };
  const put = async (body: PlacementPut | undefined): Promise<void> => {
    noNumber.value = body === undefined;
    if (body === undefined || busy.value) return;
    busy.value = true;
    failure.value = undefined;
    try {
      await call("PUT /api/admin/models/{name}/placement", { params: { name }, body });
      toast(body.replicas === 0 ? t.takenBack : t.saved);
      onSaved();
      onClose();
    } catch (error) {
      failure.value = asApiError(error);
    } finally {
      busy.value = false;
    }
  };
  const fields = failure.value?.fields ?? {};
  const under = (key: string): string | undefined =>
    fields[key] ?? Object.entries(fields).find(([field]) => field.startsWith(`${key}.`))?.[1];
  const { replicas, agents, tags } = form.value;
  const names = feed.agents.value.map((agent) => agent.name).filter((one) => !agents.includes(one));
  const allTags = [...new Set(feed.agents.value.flatMap((agent) => agent.tags))];
  return (
    <Dialog title={t.dialog} onClose={onClose} keep>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void put(placementPut(form.value, feed.agents.value));
        }}
      >
        <p>
          <Name value={name} strong />
        </p>
        <NumberInput
          label={t.replicas}
          hint={t.replicasHint}
          value={replicas}
          onInput={(value) => set({ replicas: value })}
          min={0}
          max={1_000}
          step={1}
          error={noNumber.value ? t.needNumber : fields.replicas}
          changes
        />
        <TagsInput
          label={t.agents}
          hint={t.agentsHint}
          value={agents}
          onChange={(value) => set({ agents: value })}
          max={1_000}
          maxLength={100}
          suggestions={names.slice(0, OFFERED)}
          error={under("agents")}
          optional
          changes
        />
        <TagsInput
          label={t.tags}
          hint={t.tagsHint}
          value={tags}
          onChange={(value) => set({ tags: value })}
          max={20}
          maxLength={50}
          suggestions={allTags.filter((tag) => !tags.includes(tag)).slice(0, OFFERED)}
          error={under("tags")}
          optional
          changes
        />
        {failure.value !== undefined && Object.keys(fields).length === 0 && (
          <Notice tone="bad" alert>
            {t.failed(whatToDo(failure.value))}
          </Notice>
        )}
        <div class="row models-form-end">
          {placement !== null && (
            <Button onClick={() => void put({ replicas: 0 })} disabled={busy.value} changes>
              {t.takeBack}
            </Button>
          )}
          <span class="grow" />
          <Button onClick={onClose}>{common.value.action.cancel}</Button>
          <Button type="submit" kind="primary" busy={busy.value} changes>
            {common.value.action.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
