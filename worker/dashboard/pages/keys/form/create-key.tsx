import { useSignal } from "@preact/signals";
import type { KeyCreated } from "../../../../../shared/api/keys.ts";
import { type ApiError, asApiError, call } from "../../../lib/api.ts";
import { coordinatorNow } from "../../../lib/clock.ts";
import { common } from "../../../text/common/index.ts";
import { keysText } from "../../../text/keys/index.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Notice, whatToDo } from "../../../ui/states.tsx";
import { KeyCreatedView } from "./key-created.tsx";
import { createOf, type KeyDraft, NEW_KEY } from "./key-draft.ts";
import { KeyForm } from "./key-form.tsx";

/** Asks for a key's fields, makes it, and shows it the one time it can be seen. */
export function CreateKey({ onClose }: { onClose: () => void }) {
  const text = keysText.value;
  const t = text.form;
  const draft = useSignal<KeyDraft>(NEW_KEY);
  const failure = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const created = useSignal<KeyCreated | null>(null);
  const submit = async (): Promise<void> => {
    busy.value = true;
    failure.value = null;
    try {
      created.value = await call("POST /api/admin/keys", { body: createOf(draft.value, coordinatorNow()) });
    } catch (error) {
      failure.value = asApiError(error);
    }
    busy.value = false;
  };
  if (created.value !== null) return <KeyCreatedView created={created.value} onClose={onClose} />;
  return (
    <Dialog
      title={t.createTitle}
      onClose={onClose}
      keep
      footer={
        <>
          <Button onClick={onClose}>{common.value.action.cancel}</Button>
          <Button kind="primary" busy={busy.value} changes onClick={() => void submit()}>
            {t.submitCreate}
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
