import { fmt } from "../../../lib/fmt.ts";
import { hrefOf } from "../../../lib/router.ts";
import type { Text } from "../../../text/keys/en.ts";
import { Name } from "../../../ui/name.tsx";
import type { Column } from "../../../ui/table.tsx";
import { barParts, type Dimension, type UsageRow } from "./usage-rows.ts";

export function usageColumns(text: Text, by: Dimension, rows: readonly UsageRow[]): Column<UsageRow>[] {
  const t = text.usage;
  const most = Math.max(0, ...rows.map(({ tokens }) => tokens));
  return [
    {
      id: "name",
      header: t.dimensions[by],
      cell: (row) => <Subject row={row} by={by} unknown={t.unknown[by]} />,
      sort: (row) => row.name?.toLowerCase() ?? null,
    },
    { id: "bar", header: t.legend, cell: (row) => <Bar row={row} most={most} />, width: "24%", wide: true },
    number("tokens", t.tokens, (row) => row.tokens),
    { ...number("prompt", t.prompt, (row) => row.promptTokens), wide: true },
    { ...number("completion", t.completion, (row) => row.completionTokens), wide: true },
    number("requests", t.requests, (row) => row.requests),
    number("errors", t.errors, (row) => row.errors),
  ];
}

function number(id: string, header: string, value: (row: UsageRow) => number): Column<UsageRow> {
  return { id, header, cell: (row) => fmt.count(value(row)), sort: value, numeric: true, width: "108px" };
}

function Subject({ row, by, unknown }: { row: UsageRow; by: Dimension; unknown: string }) {
  if (by === "day") return <>{row.name === null ? unknown : fmt.date(`${row.name}T12:00:00`)}</>;
  // What was removed may have left no name.
  const name = row.name ?? (row.id === null ? null : row.id.slice(0, 8));
  if (name === null) return <span class="muted">{unknown}</span>;
  const shown = <Name value={name} mono={by === "model"} />;
  const href =
    by === "model"
      ? hrefOf("/models", { model: name })
      : row.id === null
        ? undefined
        : hrefOf(`/${by === "key" ? "keys" : "machines"}/${row.id}`);
  return href === undefined ? shown : <a href={href}>{shown}</a>;
}

/** The numbers are in the cells beside it. */
function Bar({ row, most }: { row: UsageRow; most: number }) {
  const { prompt, completion } = barParts(row, most);
  return (
    <span class="keys-bar" aria-hidden="true">
      <span class="keys-bar-prompt" style={{ width: `${prompt}%` }} />
      <span class="keys-bar-completion" style={{ width: `${completion}%` }} />
    </span>
  );
}
