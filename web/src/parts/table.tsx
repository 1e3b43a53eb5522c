// Tables that are cards on a phone: each cell then says its column's name. Roles are written out, because cards are not
// laid out as a table.
import type { ComponentChildren } from 'preact';

export interface Column<T> {
  title: string;
  cell: (row: T, index: number) => ComponentChildren;
  number?: boolean;
  head?: boolean; // The cell that names the row.
  bare?: boolean; // No name on a phone.
}

export function Table<T>({ label, columns, rows, keyOf, toneOf }: {
  label: string; columns: readonly Column<T>[]; rows: readonly T[]; keyOf: (row: T, index: number) => string; toneOf?: (row: T, index: number) => string | undefined;
}) {
  return (
    <table class="table table-cards" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">{columns.map(({ title, number }) => <th key={title} role="columnheader" scope="col" class={number ? 'number' : undefined}>{title}</th>)}</tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row, index) => (
          <tr key={keyOf(row, index)} role="row" class={toneOf?.(row, index)}>
            {columns.map(({ title, cell, number, head, bare }) => (head
              ? <th key={title} role="rowheader" scope="row">{cell(row, index)}</th>
              : <td key={title} role="cell" class={number ? 'number' : undefined} data-label={bare ? undefined : title}><div>{cell(row, index)}</div></td>))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
