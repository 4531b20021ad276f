import type { AccessTokenView } from "../../../../../shared/api/access-tokens.ts";
import type { Text } from "../../../text/keys/en.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { RelativeTime } from "../../../ui/relative-time.tsx";
import type { Column } from "../../../ui/table.tsx";
import { Expiry } from "../key-columns.tsx";

export function tokenColumns(
  text: Text,
  onRevoke: (token: AccessTokenView) => void,
): Column<AccessTokenView>[] {
  const t = text.access;
  return [
    {
      id: "name",
      header: text.columns.name,
      cell: (token) => <Name value={token.name} strong />,
      sort: (token) => token.name.toLowerCase(),
    },
    {
      id: "role",
      header: t.role,
      cell: (token) => (
        <Badge tone={token.role === "admin" ? "accent" : "plain"} title={t.roleHints[token.role]}>
          {t.roles[token.role]}
        </Badge>
      ),
      sort: (token) => token.role,
      width: "150px",
    },
    {
      id: "prefix",
      header: text.columns.prefix,
      cell: (token) => <span class="mono muted">{token.prefix}…</span>,
      width: "140px",
      wide: true,
    },
    {
      id: "created",
      header: text.detail.created,
      cell: (token) => <RelativeTime at={token.created_at} />,
      sort: (token) => token.created_at,
      width: "130px",
    },
    {
      id: "expires",
      header: text.columns.expires,
      cell: (token) => <Expiry at={token.expires_at} />,
      sort: (token) => token.expires_at,
      width: "130px",
    },
    {
      id: "actions",
      header: text.columns.actions,
      cell: (token) => (
        <Button
          size="sm"
          icon="trash"
          changes
          label={`${text.revoke}: ${harmless(token.name, 60)}`}
          onClick={() => onRevoke(token)}
        >
          {text.revoke}
        </Button>
      ),
      width: "130px",
    },
  ];
}
