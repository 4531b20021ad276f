import { useSignal } from "@preact/signals";
import { BASE } from "../../../lib/router.ts";
import { common } from "../../../text/common/index.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Button } from "../../../ui/button.tsx";
import { CopyField } from "../../../ui/copy.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { QrCode } from "../../../ui/qr-code.tsx";
import { Notice } from "../../../ui/states.tsx";
import { Tabs } from "../../../ui/tabs.tsx";
import { isLoopback } from "../join-commands.ts";
import { ByToken } from "./by-token.tsx";
import { CommandChoice } from "./command-choice.tsx";
import { JoinTokens } from "./join-tokens.tsx";

export type Way = "pairing" | "token";

/** The two ways in, each with everything that has to be typed there. */
export function AddMachine({
  way,
  onWay,
  onPair,
  onClose,
}: {
  way: Way;
  onWay: (way: Way) => void;
  onPair: () => void;
  onClose: () => void;
}) {
  const t = machinesText.value.add;
  // A token that is shown only once is not lost to a click beside the dialog.
  const keep = useSignal(false);
  return (
    <Dialog
      title={t.title}
      onClose={onClose}
      size="lg"
      keep={keep.value}
      footer={<Button onClick={onClose}>{common.value.action.close}</Button>}
    >
      {isLoopback(location.hostname) && <Notice tone="warn">{t.local}</Notice>}
      <div>
        <Tabs
          label={t.how}
          tabs={[
            { id: "pairing", label: t.pairing },
            { id: "token", label: t.token },
          ]}
          selected={way}
          onSelect={onWay}
        >
          {way === "pairing" ? (
            <ByPairing onPair={onPair} />
          ) : (
            <div class="stack">
              <ByToken onMade={() => (keep.value = true)} />
              <JoinTokens />
            </div>
          )}
        </Tabs>
      </div>
    </Dialog>
  );
}

function ByPairing({ onPair }: { onPair: () => void }) {
  const t = machinesText.value.add;
  return (
    <div class="stack">
      <p>{t.pairingIntro}</p>
      <div class="machines-address">
        <div class="stack stack-sm grow">
          <h3>{t.address}</h3>
          <CopyField value={location.origin} label={t.address} />
          <p class="muted small">{t.addressHint}</p>
        </div>
        <QrCode value={`${location.origin}${BASE}/machines?pair=1`} size={132} />
      </div>
      <CommandChoice />
      <div class="row">
        <span>{t.pairingThen}</span>
        <Button icon="check" onClick={onPair} changes>
          {t.typeCode}
        </Button>
      </div>
    </div>
  );
}
