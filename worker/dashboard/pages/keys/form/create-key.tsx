import { useSignal } from "@preact/signals";
import type { KeyCreated } from "../../../../../shared/api/keys.ts";
import { call } from "../../../lib/api.ts";
import { coordinatorNow } from "../../../lib/clock.ts";
import { keysText } from "../../../text/keys/index.ts";
import { FormDialog } from "./form-dialog.tsx";
import { KeyCreatedView } from "./key-created.tsx";
import { createOf, type KeyDraft, NEW_KEY } from "./key-draft.ts";
import { KeyForm } from "./key-form.tsx";

/** Asks for a key's fields, makes it, and shows it the one time it can be seen. */
export function CreateKey({ onClose }: { onClose: () => void }) {
  const t = keysText.value.form;
  const draft = useSignal<KeyDraft>(NEW_KEY);
  const created = useSignal<KeyCreated | null>(null);
  if (created.value !== null) return <KeyCreatedView created={created.value} onClose={onClose} />;
  return (
    <FormDialog
      title={t.createTitle}
      submit={t.submitCreate}
      failed={t.failed}
      onClose={onClose}
      onSubmit={async () => {
        const body = createOf(draft.value, coordinatorNow());
        created.value = await call("POST /api/admin/keys", { body });
      }}
    >
      {(faults) => (
        <KeyForm
          draft={draft.value}
          faults={faults}
          onChange={(change) => {
            draft.value = { ...draft.value, ...change };
          }}
        />
      )}
    </FormDialog>
  );
}
