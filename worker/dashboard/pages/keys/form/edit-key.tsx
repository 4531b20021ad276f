import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { KeyView } from "../../../../../shared/api/keys.ts";
import { call } from "../../../lib/api.ts";
import { coordinatorNow } from "../../../lib/clock.ts";
import { keysText } from "../../../text/keys/index.ts";
import { harmless } from "../../../ui/harmless.ts";
import { toast } from "../../../ui/toast.tsx";
import { FormDialog } from "./form-dialog.tsx";
import { draftOf, type KeyDraft, patchOf } from "./key-draft.ts";
import { KeyForm } from "./key-form.tsx";

export function EditKey({ keyView, onClose }: { keyView: KeyView; onClose: () => void }) {
  const t = keysText.value.form;
  // The list moves on while the dialog is open; what is changed is told from what the form began with.
  const before = useRef(keyView).current;
  const draft = useSignal<KeyDraft>(draftOf(before));
  return (
    <FormDialog
      title={t.editTitle(harmless(before.name, 60))}
      submit={t.submitEdit}
      failed={t.failed}
      onClose={onClose}
      onSubmit={async () => {
        const body = patchOf(before, draft.value, coordinatorNow());
        if (Object.keys(body).length > 0) {
          await call("PATCH /api/admin/keys/{id}", { params: { id: before.id }, body });
          toast(t.saved);
        }
        onClose();
      }}
    >
      {(faults) => (
        <KeyForm
          draft={draft.value}
          unfolded
          faults={faults}
          onChange={(change) => {
            draft.value = { ...draft.value, ...change };
          }}
        />
      )}
    </FormDialog>
  );
}
