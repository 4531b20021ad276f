import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { AccessTokenView } from "../../../../../shared/api/access-tokens.ts";
import { revision } from "../../../lib/feed.ts";
import { usePages } from "../../../lib/pages.ts";
import { canChange } from "../../../lib/session.ts";
import { keysText } from "../../../text/keys/index.ts";
import { Button } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { EmptyState, ErrorState, Notice, Skeleton } from "../../../ui/states.tsx";
import { Table } from "../../../ui/table.tsx";
import { RevokeToken } from "./revoke-token.tsx";
import { tokenColumns } from "./token-columns.tsx";

const tokensRevision = revision("tokens");

/** Who may log in beside the admin token. The API tells it to administrators only. */
export function AccessTab({ onCreate }: { onCreate: () => void }) {
  const t = keysText.value.access;
  return (
    <div class="stack">
      <p class="muted">{t.intro}</p>
      {canChange.value ? <Tokens onCreate={onCreate} /> : <Notice>{t.viewerOnly}</Notice>}
    </div>
  );
}

function Tokens({ onCreate }: { onCreate: () => void }) {
  const text = keysText.value;
  const t = text.access;
  const { items, error, loading, more, reload } = usePages("GET /api/admin/tokens", {}, [
    tokensRevision.value,
  ]);
  const revoking = useSignal<AccessTokenView | null>(null);
  const columns = useMemo(
    () =>
      tokenColumns(text, (token) => {
        revoking.value = token;
      }),
    [text],
  );
  if (items.length === 0) {
    if (error !== undefined) return <ErrorState error={error} retry={reload} />;
    if (loading) return <Skeleton lines={4} />;
    return (
      <EmptyState
        icon="user"
        title={t.emptyTitle}
        actions={
          <Button kind="primary" icon="plus" changes onClick={onCreate}>
            {t.create}
          </Button>
        }
      >
        {t.emptyText}
      </EmptyState>
    );
  }
  return (
    <>
      <Card flush>
        <Table label={t.label} columns={columns} rows={items} keyOf={(token) => token.id} onEnd={more} />
      </Card>
      {revoking.value !== null && (
        <RevokeToken
          token={revoking.value}
          onClose={() => {
            revoking.value = null;
          }}
        />
      )}
    </>
  );
}
