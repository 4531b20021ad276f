import { useSignal } from "@preact/signals";
import type { AgentView } from "../../../../../shared/api/agents.ts";
import { call } from "../../../lib/api.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { ConfirmDialog } from "../../../ui/dialog.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { toast, toastError } from "../../../ui/toast.tsx";

/** Says what a removal does before it is done. */
export function RemoveDialog({
  machine,
  onRemoved,
  onClose,
}: {
  machine: AgentView;
  onRemoved: () => void;
  onClose: () => void;
}) {
  const t = machinesText.value.remove;
  const busy = useSignal(false);
  const remove = async (): Promise<void> => {
    busy.value = true;
    try {
      await call("DELETE /api/agents/{id}", { params: { id: machine.id } });
      toast(t.done(harmless(machine.name)));
      onRemoved();
    } catch (error) {
      toastError(error);
    } finally {
      busy.value = false;
    }
  };
  const running = machine.active_requests;
  return (
    <ConfirmDialog
      title={t.title}
      confirm={t.confirm}
      busy={busy.value}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <p>
        <Name value={machine.name} strong />
      </p>
      <p>{t.intro}</p>
      <ul class="machines-points">
        <li>{t.token}</li>
        <li>{running > 0 ? t.running(running) : t.idle}</li>
        <li>{t.models}</li>
        <li>{t.history}</li>
        <li>{t.back}</li>
      </ul>
    </ConfirmDialog>
  );
}
