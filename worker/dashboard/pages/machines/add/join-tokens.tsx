import { useSignal } from "@preact/signals";
import type { JoinTokenView } from "../../../../../shared/api/keys.ts";
import { call } from "../../../lib/api.ts";
import { coordinatorNow } from "../../../lib/clock.ts";
import { revision } from "../../../lib/feed.ts";
import { fmt } from "../../../lib/fmt.ts";
import { usePages } from "../../../lib/pages.ts";
import { common } from "../../../text/common/index.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Button } from "../../../ui/button.tsx";
import { ConfirmDialog } from "../../../ui/dialog.tsx";
import { Name } from "../../../ui/name.tsx";
import { RelativeTime } from "../../../ui/relative-time.tsx";
import { ErrorState, Skeleton } from "../../../ui/states.tsx";
import { toast, toastError } from "../../../ui/toast.tsx";
import { isOpen } from "./open-token.ts";

const changed = revision("join_tokens");

/** Join tokens that still let machines in. */
export function JoinTokens() {
  const t = machinesText.value.tokens;
  const list = usePages("GET /api/admin/join-tokens", {}, [changed.value]);
  const revoking = useSignal<JoinTokenView | undefined>(undefined);
  const asked = revoking.value;
  const now = coordinatorNow();
  const open = list.items.filter((token) => isOpen(token, now));
  return (
    <section class="stack stack-sm">
      <h3>{t.title}</h3>
      {list.error !== undefined && <ErrorState error={list.error} retry={list.reload} />}
      {list.loading && list.items.length === 0 && <Skeleton lines={2} />}
      {!list.loading && list.error === undefined && open.length === 0 && !list.hasMore && (
        <p class="muted">{t.none}</p>
      )}
      <ul class="machines-tokens">
        {open.map((token) => (
          <li key={token.id} class="row">
            <span class="grow">
              <Name value={token.name} strong /> <span class="mono muted small">{token.prefix}…</span>
              <br />
              <span class="muted small">
                {t.uses(fmt.count(token.uses), fmt.count(token.max_uses))}, {t.expires}{" "}
                <RelativeTime at={token.expires_at} />
              </span>
            </span>
            <Button size="sm" onClick={() => (revoking.value = token)} changes>
              {t.revoke}
            </Button>
          </li>
        ))}
      </ul>
      {list.hasMore && (
        <Button size="sm" onClick={list.more} busy={list.loading}>
          {common.value.action.loadMore}
        </Button>
      )}
      {asked !== undefined && (
        <Revoke token={asked} onDone={list.reload} onClose={() => (revoking.value = undefined)} />
      )}
    </section>
  );
}

function Revoke({
  token,
  onDone,
  onClose,
}: {
  token: JoinTokenView;
  onDone: () => void;
  onClose: () => void;
}) {
  const t = machinesText.value.tokens;
  const busy = useSignal(false);
  const revoke = async (): Promise<void> => {
    busy.value = true;
    try {
      await call("DELETE /api/admin/join-tokens/{id}", { params: { id: token.id } });
      toast(t.revoked);
      onDone();
      onClose();
    } catch (error) {
      toastError(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={t.revokeTitle}
      confirm={t.revoke}
      busy={busy.value}
      onConfirm={() => void revoke()}
      onClose={onClose}
    >
      <p>
        <Name value={token.name} strong />
      </p>
      <p>{t.revokeText}</p>
    </ConfirmDialog>
  );
}
