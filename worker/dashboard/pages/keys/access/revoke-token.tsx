import { useSignal } from "@preact/signals";
import type { AccessTokenView } from "../../../../../shared/api/access-tokens.ts";
import { call } from "../../../lib/api.ts";
import { keysText } from "../../../text/keys/index.ts";
import { ConfirmDialog } from "../../../ui/dialog.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { toast, toastError } from "../../../ui/toast.tsx";

export function RevokeToken({ token, onClose }: { token: AccessTokenView; onClose: () => void }) {
  const t = keysText.value.access;
  const busy = useSignal(false);
  const revoke = async (): Promise<void> => {
    busy.value = true;
    try {
      await call("DELETE /api/admin/tokens/{id}", { params: { id: token.id } });
      toast(t.done);
      onClose();
    } catch (error) {
      busy.value = false;
      toastError(error);
    }
  };
  return (
    <ConfirmDialog
      title={t.revokeTitle(harmless(token.name, 60))}
      confirm={t.confirm}
      busy={busy.value}
      onConfirm={() => void revoke()}
      onClose={onClose}
    >
      <p>{t.revokeText}</p>
    </ConfirmDialog>
  );
}
