import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { isNarrow } from "../lib/narrow.ts";
import { navigate } from "../lib/router.ts";
import { cx } from "./classes.ts";
import { type Sort, sorted } from "./sort.ts";
import { TableHead } from "./table-head.tsx";
import { type RowActions, TableRow } from "./table-row.tsx";
import { OVERSCAN, useVirtual } from "./use-virtual.ts";

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
  sort?: Sort | undefined;
  /** Called when a header was pressed, for an order that lives in the address. */
  onSort?: (sort: Sort) => void;
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
  const { columns, keyOf, rowHeight = 44, onEnd } = props;
  const sort = useSignal<Sort | undefined>(props.sort);
  const focused = useSignal<string | undefined>(undefined);
  const scroller = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);

  const { value: order } = sort;
  // Scrolling draws this again, and must not sort again.
  const rows = useMemo(() => {
    const by = columns.find(({ id }) => id === order?.column)?.sort;
    return by === undefined || order === undefined ? props.rows : sorted(props.rows, by, order.down);
  }, [props.rows, columns, order]);
  // With another function all rows count as others, and are measured anew: ten thousand of them with each step of scrolling.
  const keyAt = useMemo(
    () =>
      (index: number): string | number => {
        const row = rows[index];
        return row === undefined ? index : keyOf(row);
      },
    [rows],
  );
  const virtual = useVirtual({ count: rows.length, scroller, estimate: rowHeight, keyOf: keyAt });
  const last = virtual.rows.at(-1)?.index ?? -1;
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

  const focusRow = (index: number): void => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    const row = rows[to];
    if (row === undefined) return;
    focused.value = keyOf(row);
    wantsFocus.current = true;
    virtual.scrollTo(to);
  };
  const newest: RowActions<Row> = {
    focused: (name) => {
      focused.value = name;
    },
    key: (event, row, index) => {
      const page = Math.max(1, virtual.rows.length - 2 * OVERSCAN);
      const to = {
        ArrowDown: index + 1,
        ArrowUp: index - 1,
        PageDown: index + page,
        PageUp: index - page,
        Home: 0,
        End: rows.length - 1,
      }[event.key];
      if (to !== undefined) focusRow(to);
      else if (event.key === "Enter") newest.open(row, false);
      else return;
      event.preventDefault();
    },
    open: (row, inNewTab) => {
      const href = props.hrefOf?.(row);
      if (href !== undefined && inNewTab) window.open(href, "_blank", "noopener");
      else if (props.onOpen !== undefined) props.onOpen(row);
      else if (href !== undefined) navigate(href);
    },
  };
  const actions = useStable(newest);

  if (rows.length === 0) return <>{props.empty ?? null}</>;

  const at = focused.value === undefined ? -1 : rows.findIndex((row) => keyOf(row) === focused.value);
  // Exactly one row takes the focus from outside: the last one that had it, or one in sight.
  const isShown = virtual.rows.some(({ index }) => index === at);
  const inSight = virtual.rows[virtual.above > 0 ? Math.min(OVERSCAN, virtual.rows.length - 1) : 0];
  const entry = isShown ? at : (inSight?.index ?? 0);
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
        <TableHead columns={columns} sort={sort} onSort={props.onSort} />
        <tbody role="rowgroup">
          {virtual.above > 0 && <Spacer height={virtual.above} />}
          {virtual.rows.map(({ index, key }) => {
            const row = rows[index];
            return row === undefined ? null : (
              <TableRow
                key={key}
                row={row}
                index={index}
                name={keyOf(row)}
                columns={columns}
                reachable={index === entry}
                canOpen={props.hrefOf !== undefined || props.onOpen !== undefined}
                className={props.rowClass?.(row)}
                actions={actions}
                measure={isNarrow.value ? virtual.measure : undefined}
              />
            );
          })}
          {virtual.below > 0 && <Spacer height={virtual.below} />}
        </tbody>
      </table>
    </div>
  );
}

/** Stands for the rows that are out of sight. */
function Spacer({ height }: { height: number }) {
  return <tr class="spacer" aria-hidden="true" style={{ height: `${height}px` }} />;
}

/** One object for the life of the component that does what the newest one would. */
function useStable<Row>(newest: RowActions<Row>): RowActions<Row> {
  const latest = useRef(newest);
  latest.current = newest;
  return useMemo(
    () => ({
      focused: (name) => latest.current.focused(name),
      key: (event, row, index) => latest.current.key(event, row, index),
      open: (row, inNewTab) => latest.current.open(row, inNewTab),
    }),
    [],
  );
}
