import { useSignal } from "@preact/signals";
import type { ModelView } from "../../../../../shared/api/models.ts";
import { ask } from "../../../lib/api.ts";
import { type ApiError, asApiError } from "../../../lib/api-error.ts";
import { fmt } from "../../../lib/fmt.ts";
import { modelsText } from "../../../text/models/index.ts";
import { ConfirmDialog } from "../../../ui/dialog.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { Notice, whatToDo } from "../../../ui/states.tsx";
import { toast } from "../../../ui/toast.tsx";

/** Says what becomes free and who will miss it before a model is deleted from a machine. */
export function DeleteDialog({
  model,
  copy,
  onDone,
  onClose,
}: {
  model: ModelView;
  copy: ModelView["agents"][number];
  onDone: () => void;
  onClose: () => void;
}) {
  const t = modelsText.value.remove;
  const busy = useSignal(false);
  const failure = useSignal<ApiError | undefined>(undefined);
  const machine = harmless(copy.name);
  const others = model.agents.filter(({ id, online }) => online && id !== copy.id).length;
  const remove = async (): Promise<void> => {
    busy.value = true;
    failure.value = undefined;
    try {
      await ask("DELETE", "/api/delete", { model: model.name }, undefined, { "x-agent": copy.id });
      toast(t.done(harmless(model.name), machine));
      onDone();
      onClose();
    } catch (error) {
      failure.value = asApiError(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={t.title}
      confirm={t.confirm}
      busy={busy.value}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <p>
        <Name value={model.name} strong />
      </p>
      <p>{copy.size === null ? t.freesUnknown(machine) : t.frees(fmt.bytes(copy.size), machine)}</p>
      <p>{others > 0 ? t.others(others) : t.last}</p>
      {model.placement !== null && <p>{t.placed}</p>}
      {failure.value !== undefined && (
        <Notice tone="bad" alert>
          {t.failed(failure.value.status === 0 ? whatToDo(failure.value) : harmless(failure.value.message))}
        </Notice>
      )}
    </ConfirmDialog>
  );
}
