import { memo } from "../lib/memo.ts";
import { cx } from "./classes.ts";
import type { Column } from "./table.tsx";

/** What a row asks of its table; the object stays the same, so that a row is not drawn again for it. */
export interface RowActions<Row> {
  focused(name: string): void;
  key(event: KeyboardEvent, row: Row, index: number): void;
  open(row: Row, inNewTab: boolean): void;
}

export interface TableRowProps<Row> {
  row: Row;
  index: number;
  name: string;
  columns: readonly Column<Row>[];
  /** Whether Tab reaches it. */
  reachable: boolean;
  canOpen: boolean;
  className: string | undefined;
  actions: RowActions<Row>;
  /** Where rows differ in their heights. */
  measure: ((element: Element | null) => void) | undefined;
}

function TableRowOf<Row>(props: TableRowProps<Row>) {
  const { row, index, name, columns, canOpen, actions, measure } = props;
  return (
    <tr
      {...(measure === undefined ? {} : { ref: measure })}
      role="row"
      data-index={index}
      data-key={name}
      aria-rowindex={index + 2}
      tabIndex={props.reachable ? 0 : -1}
      class={cx(canOpen && "opens", props.className)}
      onFocus={() => actions.focused(name)}
      onKeyDown={(event) => {
        // What is in the row has its own keys.
        if (event.target === event.currentTarget) actions.key(event, row, index);
      }}
      onClick={(event) => {
        if (!canOpen || event.defaultPrevented) return;
        const { target } = event;
        if (target instanceof Element && target.closest("a, button, input, label, select") !== null) return;
        // Text that is being selected is no click.
        if ((getSelection()?.toString() ?? "") === "") actions.open(row, event.ctrlKey || event.metaKey);
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
}

const Drawn = memo<TableRowProps<never>>(TableRowOf);

/** One row; scrolling draws only those that come into sight. */
export function TableRow<Row>(props: TableRowProps<Row>) {
  // `memo` knows no generics: what goes in here comes out there.
  return <Drawn {...(props as unknown as TableRowProps<never>)} />;
}
