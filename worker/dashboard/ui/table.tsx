import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { navigate } from "../lib/router.ts";
import { common } from "../text/common/index.ts";
import { cx } from "./classes.ts";
import { Icon } from "./icons.tsx";
import { type Sort, sorted } from "./sort.ts";
import { useVirtual } from "./use-virtual.ts";

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ComponentChildren;
  /** What it is sorted by; without it the column cannot be sorted. */
  sort?: (row: Row) => string | number | null;
  /** Numbers stand at the end of the cell. */
  numeric?: boolean;
  /** CSS width, such as `120px` or `20%`. */
  width?: string;
  /** Not shown on a narrow screen. */
  wide?: boolean;
}

export interface TableProps<Row> {
  /** Read out as the table's name. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Where a click on the row goes: an address of `hrefOf`. */
  hrefOf?: (row: Row) => string;
  /** In place of an address. */
  onOpen?: (row: Row) => void;
  /** The order at the beginning. Without it the rows stay as they come until a header is pressed. */
  sort?: Sort;
  /** Called when the last rows come into sight: for lists that come by pages. */
  onEnd?: () => void;
  /** Shown in place of rows. */
  empty?: ComponentChildren;
  /** Height of the part that scrolls; all that the window has left unless it is said. */
  height?: string;
  /** Height of a row on a wide screen, pixels. */
  rowHeight?: number;
  rowClass?: (row: Row) => string | undefined;
}

/**
 * A list of any length of which only what is in sight is in the document. On a narrow screen each row is a card with the
 * names of its columns. Arrows, Page Up and Down, Home and End move through the rows, Enter opens one.
 */
export function Table<Row>(props: TableProps<Row>) {
  const { columns, keyOf, rowHeight = 44 } = props;
  const sort = useSignal<Sort | undefined>(props.sort);
  const focused = useSignal<string | undefined>(undefined);
  const scroller = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);

  const by = columns.find(({ id }) => id === sort.value?.column)?.sort;
  const rows =
    by === undefined || sort.value === undefined ? props.rows : sorted(props.rows, by, sort.value.down);
  const virtual = useVirtual({
    count: rows.length,
    scroller,
    estimate: rowHeight,
    keyOf: (index) => {
      const row = rows[index];
      return row === undefined ? index : keyOf(row);
    },
  });
  const last = virtual.rows.at(-1)?.index ?? -1;
  const { onEnd } = props;
  useEffect(() => {
    if (onEnd !== undefined && rows.length > 0 && last >= rows.length - 5) onEnd();
  }, [last, rows.length]);
  useEffect(() => {
    if (!wantsFocus.current || focused.value === undefined) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused.value)}"]`);
    if (row === null || row === undefined) return;
    wantsFocus.current = false;
    row.focus({ preventScroll: true });
  });

  if (rows.length === 0) return <>{props.empty ?? null}</>;

  const canOpen = props.hrefOf !== undefined || props.onOpen !== undefined;
  const open = (row: Row): void => {
    if (props.onOpen !== undefined) props.onOpen(row);
    else if (props.hrefOf !== undefined) navigate(props.hrefOf(row));
  };
  const at = focused.value === undefined ? -1 : rows.findIndex((row) => keyOf(row) === focused.value);
  const focusRow = (index: number): void => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    const row = rows[to];
    if (row === undefined) return;
    focused.value = keyOf(row);
    wantsFocus.current = true;
    virtual.scrollTo(to);
  };
  const onKeyDown = (event: KeyboardEvent, row: Row, index: number): void => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, virtual.rows.length - 16);
    const to = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      focusRow(to);
    } else if (event.key === "Enter" && canOpen) {
      event.preventDefault();
      open(row);
    }
  };
  const t = common.value.table;

  return (
    <div
      class="table-scroll"
      ref={scroller}
      style={props.height === undefined ? undefined : { maxHeight: props.height }}
      tabIndex={0}
      role="region"
      aria-label={props.label}
    >
      {/* On a narrow screen it is laid out as cards, and the layout alone would take its meaning away. */}
      <table
        class="table"
        role="table"
        aria-label={props.label}
        aria-rowcount={rows.length + 1}
        style={{ "--row": `${rowHeight}px` }}
      >
        <colgroup>
          {columns.map(({ id, width, wide }) => (
            <col
              key={id}
              class={cx(wide === true && "wide")}
              style={width === undefined ? undefined : { width }}
            />
          ))}
        </colgroup>
        <thead role="rowgroup">
          <tr role="row" aria-rowindex={1}>
            {columns.map((column) => {
              const mine = sort.value?.column === column.id;
              return (
                <th
                  key={column.id}
                  role="columnheader"
                  scope="col"
                  class={cx(column.numeric === true && "num", column.wide === true && "wide")}
                  aria-sort={mine ? (sort.value?.down === true ? "descending" : "ascending") : undefined}
                >
                  {column.sort === undefined ? (
                    column.header
                  ) : (
                    <button
                      type="button"
                      class="sort"
                      title={t.sortBy(column.header)}
                      onClick={() => {
                        sort.value = {
                          column: column.id,
                          down: mine ? sort.value?.down !== true : column.numeric === true,
                        };
                      }}
                    >
                      {column.header}
                      {mine && <Icon name={sort.value?.down === true ? "arrowDown" : "arrowUp"} size={12} />}
                    </button>
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {virtual.above > 0 && (
            <tr class="spacer" aria-hidden="true" style={{ height: `${virtual.above}px` }} />
          )}
          {virtual.rows.map(({ index, key }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const name = keyOf(row);
            const reachable = at === -1 ? index === 0 : name === focused.value;
            return (
              <tr
                key={key}
                ref={virtual.measure}
                role="row"
                data-index={index}
                data-key={name}
                aria-rowindex={index + 2}
                tabIndex={reachable ? 0 : -1}
                class={cx(canOpen && "opens", props.rowClass?.(row))}
                onFocus={() => {
                  focused.value = name;
                }}
                onKeyDown={(event) => onKeyDown(event, row, index)}
                onClick={(event) => {
                  if (!canOpen || event.defaultPrevented) return;
                  const inside =
                    event.target instanceof Element &&
                    event.target.closest("a, button, input, label, select");
                  // Text that is being selected is no click.
                  if (inside || (getSelection()?.toString() ?? "") !== "") return;
                  if ((event.ctrlKey || event.metaKey) && props.hrefOf !== undefined)
                    window.open(props.hrefOf(row), "_blank", "noopener");
                  else open(row);
                }}
              >
                {columns.map((column) => (
                  <td
                    key={column.id}
                    role="cell"
                    data-label={column.header}
                    class={cx(column.numeric === true && "num", column.wide === true && "wide")}
                  >
                    <div class="cell">{column.cell(row)}</div>
                  </td>
                ))}
              </tr>
            );
          })}
          {virtual.below > 0 && (
            <tr class="spacer" aria-hidden="true" style={{ height: `${virtual.below}px` }} />
          )}
        </tbody>
      </table>
    </div>
  );
}
