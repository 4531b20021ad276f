import { useSignal } from "@preact/signals";
import type { AgentView } from "../../../../../shared/api/agents.ts";
import { call } from "../../../lib/api.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { ConfirmDialog } from "../../../ui/dialog.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { toast, toastError } from "../../../ui/toast.tsx";

export function DisconnectDialog({ machine, onClose }: { machine: AgentView; onClose: () => void }) {
  const t = machinesText.value.action;
  const busy = useSignal(false);
  const disconnect = async (): Promise<void> => {
    busy.value = true;
    try {
      await call("POST /api/agents/{id}/disconnect", { params: { id: machine.id } });
      toast(t.disconnected(harmless(machine.name)));
      onClose();
    } catch (error) {
      toastError(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={t.disconnectTitle}
      confirm={t.disconnect}
      busy={busy.value}
      onConfirm={() => void disconnect()}
      onClose={onClose}
    >
      <p>
        <Name value={machine.name} strong />
      </p>
      <p>{t.disconnectText}</p>
    </ConfirmDialog>
  );
}
