import type { JSX } from 'preact';
import { type ColumnKey, columns } from './columns.ts';

/** Which columns are shown; the address keeps the choice, and so does a saved view. */
export function ColumnsMenu(props: {
  shown: readonly ColumnKey[];
  onChange: (columns: readonly ColumnKey[]) => void;
}): JSX.Element {
  const { shown, onChange } = props;
  const toggle = (key: ColumnKey): void =>
    onChange(
      columns
        .map((one) => one.key)
        .filter((one) => (one === key ? !shown.includes(one) : shown.includes(one))),
    );
  return (
    <details class="columns-menu">
      <summary class="button">Columns</summary>
      <fieldset class="columns-list" aria-label="Columns">
        {columns.slice(1).map(({ key, name }) => (
          <label key={key}>
            <input type="checkbox" checked={shown.includes(key)} onChange={() => toggle(key)} />
            {name}
          </label>
        ))}
      </fieldset>
    </details>
  );
}
