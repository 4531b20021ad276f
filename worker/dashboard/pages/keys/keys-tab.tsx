import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { KeyView } from "../../../../shared/api/keys.ts";
import { hrefOf, queryValue, setQuery } from "../../lib/router.ts";
import { common } from "../../text/common/index.ts";
import { keysText } from "../../text/keys/index.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { TextInput } from "../../ui/fields.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";
import { EditKey } from "./form/edit-key.tsx";
import { keyColumns } from "./key-columns.tsx";
import { RevokeKey } from "./revoke-key.tsx";
import { useKeys } from "./use-keys.ts";

/** From this many keys on a filter helps. */
const FILTER_FROM = 8;

const wanted = queryValue("q");

export function KeysTab({ onCreate }: { onCreate: () => void }) {
  const t = keysText.value;
  const { data, error, reload } = useKeys();
  const open = useSignal<{ what: "edit" | "revoke"; key: KeyView } | null>(null);
  const columns = useMemo(
    () =>
      keyColumns(t, (what, key) => {
        open.value = { what, key };
      }),
    [t],
  );
  const shown = useMemo(() => (data ?? []).filter((key) => fits(key, wanted.value)), [data, wanted.value]);
  const close = (): void => {
    open.value = null;
  };
  if (data === undefined) {
    return error === undefined ? <Skeleton lines={6} /> : <ErrorState error={error} retry={reload} />;
  }
  if (data.length === 0) {
    return (
      <EmptyState
        icon="keys"
        title={t.empty.title}
        actions={
          <Button kind="primary" icon="plus" changes onClick={onCreate}>
            {t.create}
          </Button>
        }
      >
        {t.empty.text}
      </EmptyState>
    );
  }
  return (
    <div class="stack">
      {(data.length >= FILTER_FROM || wanted.value !== "") && (
        <TextInput
          label={common.value.action.filter}
          type="search"
          placeholder={t.search}
          value={wanted.value}
          onInput={(q) => setQuery({ q })}
        />
      )}
      <Card flush>
        <Table
          label={t.tabs.keys}
          columns={columns}
          rows={shown}
          keyOf={(key) => key.id}
          rowHeight={56}
          hrefOf={(key) => hrefOf(`/keys/${key.id}`)}
          empty={<EmptyState title={t.noMatch} />}
        />
      </Card>
      {open.value?.what === "edit" && <EditKey keyView={open.value.key} onClose={close} />}
      {open.value?.what === "revoke" && <RevokeKey keyView={open.value.key} onClose={close} />}
    </div>
  );
}

function fits(key: KeyView, typed: string): boolean {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const text = [key.name, key.prefix, ...(key.models ?? [])].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}
