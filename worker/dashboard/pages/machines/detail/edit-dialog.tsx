import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { AgentView } from "../../../../../shared/api/agents.ts";
import { call } from "../../../lib/api.ts";
import { type ApiError, asApiError } from "../../../lib/api-error.ts";
import { feed } from "../../../lib/feed.ts";
import { common } from "../../../text/common/index.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { NumberInput, TextInput } from "../../../ui/fields.tsx";
import { Notice, whatToDo } from "../../../ui/states.tsx";
import { TagsInput } from "../../../ui/tags-input.tsx";
import { toast } from "../../../ui/toast.tsx";
import { allTags } from "../machine-filter.ts";
import { formOf, type MachineForm, patchOf } from "./machine-patch.ts";

export function EditDialog({
  machine,
  onSaved,
  onClose,
}: {
  machine: AgentView;
  onSaved: () => void;
  onClose: () => void;
}) {
  const t = machinesText.value.edit;
  // What somebody else changes meanwhile must not overwrite what is being typed.
  const before = useRef(formOf(machine));
  const form = useSignal<MachineForm>(before.current);
  const busy = useSignal(false);
  const failure = useSignal<ApiError | undefined>(undefined);
  const lacksWeight = useSignal(false);
  const set = (change: Partial<MachineForm>): void => {
    form.value = { ...form.value, ...change };
  };
  const save = async (): Promise<void> => {
    if (busy.value) return;
    lacksWeight.value = form.value.weight === null;
    if (lacksWeight.value) return;
    const patch = patchOf(before.current, form.value);
    if (Object.keys(patch).length === 0) {
      toast(t.nothing, "info");
      return onClose();
    }
    busy.value = true;
    failure.value = undefined;
    try {
      await call("PATCH /api/agents/{id}", { params: { id: machine.id }, body: patch });
      toast(t.saved);
      onSaved();
      onClose();
    } catch (error) {
      failure.value = asApiError(error);
    } finally {
      busy.value = false;
    }
  };
  const { name, tags, note, weight, max_concurrency } = form.value;
  const fields = failure.value?.fields ?? {};
  return (
    <Dialog title={t.title} onClose={onClose} keep>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextInput
          label={t.name}
          hint={t.nameHint}
          value={name}
          onInput={(value) => set({ name: value })}
          maxLength={100}
          error={fields.name}
          required
          autofocus
          changes
        />
        <TagsInput
          label={t.tags}
          value={tags}
          onChange={(value) => set({ tags: value })}
          max={20}
          maxLength={50}
          suggestions={allTags(feed.agents.value).filter((tag) => !tags.includes(tag))}
          error={fieldUnder(fields, "tags")}
          changes
        />
        <TextInput
          label={t.note}
          value={note}
          onInput={(value) => set({ note: value })}
          rows={3}
          maxLength={2_000}
          error={fields.note}
          optional
          changes
        />
        <div class="machines-choice">
          <NumberInput
            label={t.concurrency}
            hint={t.concurrencyHint}
            value={max_concurrency}
            onInput={(value) => set({ max_concurrency: value })}
            min={1}
            max={1_024}
            step={1}
            error={fields.max_concurrency}
            changes
          />
          <NumberInput
            label={t.weight}
            hint={t.weightHint}
            value={weight}
            onInput={(value) => set({ weight: value })}
            min={0.01}
            max={1_000}
            error={fields.weight ?? (lacksWeight.value ? t.missing : undefined)}
            changes
          />
        </div>
        {failure.value !== undefined && Object.keys(fields).length === 0 && (
          <Notice tone="bad" alert>
            {t.failed(whatToDo(failure.value))}
          </Notice>
        )}
        <div class="row machines-form-end">
          <Button onClick={onClose}>{common.value.action.cancel}</Button>
          <Button type="submit" kind="primary" busy={busy.value} changes>
            {common.value.action.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The fault of a list may be told of one of its entries: `tags.3`. */
function fieldUnder(fields: Readonly<Record<string, string>>, name: string): string | undefined {
  return fields[name] ?? Object.entries(fields).find(([key]) => key.startsWith(`${name}.`))?.[1];
}
