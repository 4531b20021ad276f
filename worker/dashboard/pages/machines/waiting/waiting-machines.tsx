import { useSignal } from "@preact/signals";
import type { PairingView } from "../../../../../shared/api/pairing.ts";
import { call } from "../../../lib/api.ts";
import { asApiError } from "../../../lib/api-error.ts";
import { feed } from "../../../lib/feed.ts";
import { fmt } from "../../../lib/fmt.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Button } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { ConfirmDialog } from "../../../ui/dialog.tsx";
import { Name } from "../../../ui/name.tsx";
import { RelativeTime } from "../../../ui/relative-time.tsx";
import { toast, toastError } from "../../../ui/toast.tsx";

/** As many as may wait at once; a crowd does not push the machines off the screen. */
const SHOWN = 20;

/** Machines that ask to be let in; nothing when none does. */
export function WaitingMachines({ onApprove }: { onApprove: () => void }) {
  const t = machinesText.value.waiting;
  const rejecting = useSignal<PairingView | undefined>(undefined);
  const all = feed.pairings.value;
  const asked = rejecting.value;
  return (
    <>
      {all.length > 0 && (
        <Card
          class="machines-waiting"
          title={<span role="status">{t.title(all.length)}</span>}
          actions={
            <Button kind="primary" size="sm" icon="check" onClick={onApprove} changes>
              {t.approve}
            </Button>
          }
        >
          <p class="muted small">{t.hint}</p>
          <ul class="machines-waiting-list">
            {all.slice(0, SHOWN).map((pairing) => (
              <Waiting key={pairing.id} pairing={pairing} onReject={() => (rejecting.value = pairing)} />
            ))}
          </ul>
          {all.length > SHOWN && <p class="muted small">{t.more(fmt.count(all.length - SHOWN))}</p>}
        </Card>
      )}
      {asked !== undefined && <Reject pairing={asked} onClose={() => (rejecting.value = undefined)} />}
    </>
  );
}

function Waiting({ pairing, onReject }: { pairing: PairingView; onReject: () => void }) {
  const t = machinesText.value.waiting;
  const { caller_address: from, ip_address: says } = pairing;
  const system = [pairing.os, ...pairing.gpus.map(({ name }) => name)]
    .filter((one) => one !== null)
    .join(", ");
  return (
    <li class="row">
      <span class="grow">
        <Name value={pairing.machine_name} strong />
        <span class="muted small machines-waiting-facts">
          {system !== "" && <Name value={system} />}
          <span>
            {t.says} <Name value={says} mono fallback={t.unknownAddress} />
          </span>
          <span>
            {t.from} <Name value={from} mono fallback={t.unknownAddress} />
          </span>
          <span>
            {t.asked} <RelativeTime at={pairing.created_at} />
          </span>
          <span>
            {t.ends} <RelativeTime at={pairing.expires_at} />
          </span>
        </span>
      </span>
      <Button size="sm" onClick={onReject} changes>
        {t.reject}
      </Button>
    </li>
  );
}

function Reject({ pairing, onClose }: { pairing: PairingView; onClose: () => void }) {
  const t = machinesText.value.waiting;
  const busy = useSignal(false);
  const reject = async (): Promise<void> => {
    busy.value = true;
    try {
      await call("POST /api/admin/pairings/reject", { body: { id: pairing.id } });
      toast(t.rejected);
      onClose();
    } catch (error) {
      const { status } = asApiError(error);
      if (status === 404 || status === 410) {
        toast(t.rejectGone, "info");
        onClose();
      } else toastError(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={t.rejectTitle}
      confirm={t.reject}
      busy={busy.value}
      onConfirm={() => void reject()}
      onClose={onClose}
    >
      <p>
        <Name value={pairing.machine_name} strong />
      </p>
      <p>{t.rejectText}</p>
    </ConfirmDialog>
  );
}
