import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { KeyView } from "../../../../../shared/api/keys.ts";
import { type ApiError, asApiError, call } from "../../../lib/api.ts";
import { coordinatorNow } from "../../../lib/clock.ts";
import { common } from "../../../text/common/index.ts";
import { keysText } from "../../../text/keys/index.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Notice, whatToDo } from "../../../ui/states.tsx";
import { toast } from "../../../ui/toast.tsx";
import { draftOf, type KeyDraft, patchOf } from "./key-draft.ts";
import { KeyForm } from "./key-form.tsx";

export function EditKey({ keyView, onClose }: { keyView: KeyView; onClose: () => void }) {
  const t = keysText.value.form;
  // The list moves on while the dialog is open; what is changed is told from what the form began with.
  const before = useRef(keyView).current;
  const draft = useSignal<KeyDraft>(draftOf(before));
  const failure = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const submit = async (): Promise<void> => {
    const body = patchOf(before, draft.value, coordinatorNow());
    if (Object.keys(body).length === 0) return onClose();
    busy.value = true;
    failure.value = null;
    try {
      await call("PATCH /api/admin/keys/{id}", { params: { id: before.id }, body });
      toast(t.saved);
      onClose();
    } catch (error) {
      failure.value = asApiError(error);
      busy.value = false;
    }
  };
  return (
    <Dialog
      title={t.editTitle(harmless(before.name, 60))}
      onClose={onClose}
      keep
      footer={
        <>
          <Button onClick={onClose}>{common.value.action.cancel}</Button>
          <Button kind="primary" busy={busy.value} changes onClick={() => void submit()}>
            {t.submitEdit}
          </Button>
        </>
      }
    >
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {failure.value !== null && (
          <Notice tone="bad" alert>
            {t.failed(whatToDo(failure.value))}
          </Notice>
        )}
        <KeyForm
          draft={draft.value}
          unfolded
          faults={failure.value?.fields ?? {}}
          onChange={(change) => {
            draft.value = { ...draft.value, ...change };
          }}
        />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
