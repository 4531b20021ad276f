import type { KeyView } from "../../../../shared/api/keys.ts";
import { coordinatorNow } from "../../lib/clock.ts";
import { fmt } from "../../lib/fmt.ts";
import { hrefOf } from "../../lib/router.ts";
import type { Text } from "../../text/keys/en.ts";
import { keysText } from "../../text/keys/index.ts";
import { Badge } from "../../ui/badge.tsx";
import { IconButton } from "../../ui/button.tsx";
import { harmless } from "../../ui/harmless.ts";
import { Name } from "../../ui/name.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import type { Column } from "../../ui/table.tsx";
import { LimitCell } from "./limit-bars.tsx";
import { expiryState, limitUses, tightest } from "./limit-uses.ts";

const MOST_MODELS = 1;

export function keyColumns(
  t: Text,
  onAction: (what: "edit" | "revoke", key: KeyView) => void,
): Column<KeyView>[] {
  return [
    {
      id: "name",
      header: t.columns.name,
      cell: (key) => (
        <span class="keys-name">
          <a href={hrefOf(`/keys/${key.id}`)}>
            <Name value={key.name} strong />
          </a>
          <span class="mono muted">{key.prefix}…</span>
        </span>
      ),
      sort: (key) => key.name.toLowerCase(),
    },
    { id: "permissions", header: t.columns.permissions, cell: Permissions, width: "150px", wide: true },
    { id: "models", header: t.columns.models, cell: Models, width: "15%" },
    {
      id: "usage",
      header: t.columns.usage,
      cell: (key) => <LimitCell uses={limitUses(key)} />,
      sort: (key) => tightest(limitUses(key))?.share ?? -1,
      width: "210px",
    },
    {
      id: "used",
      header: t.columns.lastUsed,
      cell: (key) => <RelativeTime at={key.last_used_at} />,
      sort: (key) => key.last_used_at,
      width: "112px",
    },
    {
      id: "expires",
      header: t.columns.expires,
      cell: (key) => <Expiry at={key.expires_at} />,
      sort: (key) => key.expires_at,
      width: "104px",
    },
    {
      id: "actions",
      header: t.columns.actions,
      cell: (key) => (
        <span class="keys-tags">
          <IconButton
            icon="edit"
            size="sm"
            changes
            label={`${t.edit}: ${harmless(key.name, 60)}`}
            onClick={() => onAction("edit", key)}
          />
          <IconButton
            icon="trash"
            size="sm"
            changes
            label={`${t.revoke}: ${harmless(key.name, 60)}`}
            onClick={() => onAction("revoke", key)}
          />
        </span>
      ),
      width: "96px",
    },
  ];
}

export function Permissions({ permissions }: Pick<KeyView, "permissions">) {
  const t = keysText.value.permissions;
  return (
    <span class="keys-tags">
      {permissions.map((one) => (
        <Badge key={one} tone={one === "manage" ? "accent" : "plain"}>
          {t[one]}
        </Badge>
      ))}
    </span>
  );
}

function Models({ models }: Pick<KeyView, "models">) {
  const t = keysText.value;
  if (models === null) return <span class="muted">{t.allModels}</span>;
  if (models.length === 0) return <Badge tone="warn">{t.noModels}</Badge>;
  const rest = models.length - MOST_MODELS;
  return (
    <span class="keys-tags">
      {models.slice(0, MOST_MODELS).map((one) => (
        <Name key={one} value={one} mono />
      ))}
      {rest > 0 && <span class="muted">{t.moreModels(fmt.count(rest))}</span>}
    </span>
  );
}

export function Expiry({ at }: { at: string | null }) {
  const t = keysText.value;
  if (at === null) return <span class="muted">{t.noEnd}</span>;
  const state = expiryState(at, coordinatorNow());
  if (state === "expired") {
    return (
      <Badge tone="bad" title={fmt.dateTime(at)}>
        {t.expired}
      </Badge>
    );
  }
  return state === "soon" ? (
    <Badge tone="warn">
      <RelativeTime at={at} />
    </Badge>
  ) : (
    <RelativeTime at={at} />
  );
}
