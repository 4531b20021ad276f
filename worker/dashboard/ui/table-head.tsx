import type { Signal } from "@preact/signals";
import { common } from "../text/common/index.ts";
import { cx } from "./classes.ts";
import { Icon } from "./icons.tsx";
import type { Sort } from "./sort.ts";
import type { Column } from "./table.tsx";

/** The names of the columns; pressing one sorts by it, pressing it again turns the order. */
export function TableHead<Row>({
  columns,
  sort,
  onSort,
}: {
  columns: readonly Column<Row>[];
  sort: Signal<Sort | undefined>;
  onSort?: ((sort: Sort) => void) | undefined;
}) {
  const t = common.value.table;
  const { value } = sort;
  return (
    <thead role="rowgroup">
      <tr role="row" aria-rowindex={1}>
        {columns.map((column) => {
          const mine = value?.column === column.id;
          const down = mine && value.down;
          return (
            <th
              key={column.id}
              role="columnheader"
              scope="col"
              class={cx(column.numeric === true && "num", column.wide === true && "wide")}
              aria-sort={mine ? (down ? "descending" : "ascending") : undefined}
            >
              {column.sort === undefined ? (
                column.header
              ) : (
                <button
                  type="button"
                  class="sort"
                  title={t.sortBy(column.header)}
                  onClick={() => {
                    // Of numbers the largest are looked for first.
                    const chosen = { column: column.id, down: mine ? !down : column.numeric === true };
                    sort.value = chosen;
                    onSort?.(chosen);
                  }}
                >
                  {column.header}
                  {mine && <Icon name={down ? "arrowDown" : "arrowUp"} size={12} />}
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
