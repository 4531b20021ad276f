import { useSignal } from "@preact/signals";
import type { KeyView } from "../../../../shared/api/keys.ts";
import { fmt } from "../../lib/fmt.ts";
import { hrefOf, navigate } from "../../lib/router.ts";
import { common } from "../../text/common/index.ts";
import { keysText } from "../../text/keys/index.ts";
import { Button } from "../../ui/button.tsx";
import { Card, Facts } from "../../ui/card.tsx";
import { harmless } from "../../ui/harmless.ts";
import { Icon } from "../../ui/icons.tsx";
import { Name } from "../../ui/name.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { EditKey } from "./form/edit-key.tsx";
import { Expiry, Permissions } from "./key-columns.tsx";
import { LimitBars } from "./limit-bars.tsx";
import { limitUses } from "./limit-uses.ts";
import { RevokeKey } from "./revoke-key.tsx";
import { UsageView } from "./usage/usage-view.tsx";
import { useKeys } from "./use-keys.ts";

/** One key: what it may, what it uses now and what it has used. */
export function KeyPage({ id }: { id: string }) {
  const t = keysText.value;
  const { data, error, reload } = useKeys();
  const key = data?.find((one) => one.id === id);
  const back = (
    <a href={hrefOf("/keys")} class="keys-back">
      <Icon name="chevronLeft" /> {t.back}
    </a>
  );
  if (key !== undefined) return <Shown keyView={key} back={back} />;
  return (
    <>
      <PageHeader title={common.value.nav.keys} subtitle={back} />
      {data !== undefined ? (
        <EmptyState
          icon="keys"
          title={t.gone.title}
          actions={<Button href={hrefOf("/keys")}>{t.back}</Button>}
        >
          {t.gone.text}
        </EmptyState>
      ) : error === undefined ? (
        <Skeleton lines={6} />
      ) : (
        <ErrorState error={error} retry={reload} />
      )}
    </>
  );
}

function Shown({ keyView, back }: { keyView: KeyView; back: preact.ComponentChildren }) {
  const t = keysText.value;
  const open = useSignal<"edit" | "revoke" | null>(null);
  const close = (): void => {
    open.value = null;
  };
  const uses = limitUses(keyView);
  return (
    <>
      <PageHeader
        title={harmless(keyView.name, 100)}
        heading={<Name value={keyView.name} />}
        subtitle={back}
        actions={
          <>
            <Button href={hrefOf("/requests", { key_id: keyView.id })}>{t.detail.requests}</Button>
            <Button
              icon="edit"
              changes
              onClick={() => {
                open.value = "edit";
              }}
            >
              {t.edit}
            </Button>
            <Button
              kind="danger"
              icon="trash"
              changes
              onClick={() => {
                open.value = "revoke";
              }}
            >
              {t.revoke}
            </Button>
          </>
        }
      />
      <div class="stack">
        <Card title={t.detail.about}>
          <About keyView={keyView} />
        </Card>
        <Card
          title={t.detail.limits}
          actions={<span class="muted">{t.detail.now(fmt.count(keyView.usage.concurrent))}</span>}
        >
          {uses.length === 0 ? <p class="muted">{t.detail.noLimits}</p> : <LimitBars uses={uses} />}
        </Card>
        <Card title={t.detail.usage}>
          <UsageView keyId={keyView.id} dimensions={["model", "machine", "day"]} />
        </Card>
      </div>
      {open.value === "edit" && <EditKey keyView={keyView} onClose={close} />}
      {open.value === "revoke" && (
        <RevokeKey keyView={keyView} onClose={close} onDone={() => navigate(hrefOf("/keys"))} />
      )}
    </>
  );
}

function About({ keyView }: { keyView: KeyView }) {
  const t = keysText.value;
  const { models } = keyView;
  return (
    <Facts
      items={[
        [t.detail.prefix, <span key="p" class="mono">{`${keyView.prefix}…`}</span>],
        [t.columns.permissions, <Permissions key="m" permissions={keyView.permissions} />],
        [
          t.detail.models,
          models === null ? (
            t.allModels
          ) : models.length === 0 ? (
            t.noModels
          ) : (
            <span key="g" class="keys-tags keys-tags-all">
              {models.map((one) => (
                <Name key={one} value={one} mono />
              ))}
            </span>
          ),
        ],
        ...(keyView.permissions.includes("manage")
          ? [[t.detail.path, keyView.path ? t.detail.yes : t.detail.no] as const]
          : []),
        [t.detail.priority, t.form.priorities[keyView.priority]],
        [t.detail.weight, fmt.decimal(keyView.weight)],
        [t.detail.created, <RelativeTime key="c" at={keyView.created_at} />],
        [t.columns.lastUsed, <RelativeTime key="u" at={keyView.last_used_at} />],
        [t.columns.expires, <Expiry key="e" at={keyView.expires_at} />],
      ]}
    />
  );
}
