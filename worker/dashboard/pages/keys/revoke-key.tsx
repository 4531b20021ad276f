import { useSignal } from "@preact/signals";
import type { KeyView } from "../../../../shared/api/keys.ts";
import { call } from "../../lib/api.ts";
import { keysText } from "../../text/keys/index.ts";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { harmless } from "../../ui/harmless.ts";
import { toast, toastError } from "../../ui/toast.tsx";

/** Asks, says what will happen, and does it. */
export function RevokeKey({
  keyView,
  onClose,
  onDone,
}: {
  keyView: KeyView;
  onClose: () => void;
  onDone?: () => void;
}) {
  const t = keysText.value.revoking;
  const busy = useSignal(false);
  const revoke = async (): Promise<void> => {
    busy.value = true;
    try {
      await call("DELETE /api/admin/keys/{id}", { params: { id: keyView.id } });
      toast(t.done);
      onClose();
      onDone?.();
    } catch (error) {
      busy.value = false;
      toastError(error);
    }
  };
  return (
    <ConfirmDialog
      title={t.title(harmless(keyView.name, 60))}
      confirm={t.confirm}
      busy={busy.value}
      onConfirm={() => void revoke()}
      onClose={onClose}
    >
      <p>{t.text}</p>
      <p class="muted">{t.kept}</p>
    </ConfirmDialog>
  );
}
