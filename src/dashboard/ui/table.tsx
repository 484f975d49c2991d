import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface Column {
  readonly title: string;
  readonly number?: boolean;
  /** Said to who can't see; the column shows by itself what it is. */
  readonly unseen?: boolean;
  readonly class?: string;
}

/** Rows and columns as they are, without sorting or selection. On a phone a row of a wide one is a card. */
export function Table({
  columns,
  class: look,
  children,
}: {
  columns: readonly (string | Column)[];
  class?: string;
  children: ComponentChildren;
}): JSX.Element {
  const titles = columns.map((column) =>
    typeof column === 'string' ? column : column.unseen === true ? '' : column.title,
  );
  const body = useNamedCells(titles);
  return (
    <table class={look === undefined ? 'plain' : `plain ${look}`}>
      <thead>
        <tr>
          {columns
            .map((column) => (typeof column === 'string' ? { title: column } : column))
            .map(({ title, number, unseen, class: own }: Column) => (
              <th key={title} scope="col" class={number === true ? 'number' : own}>
                {unseen === true ? <span class="off-screen">{title}</span> : title}
              </th>
            ))}
        </tr>
      </thead>
      <tbody ref={body}>{children}</tbody>
    </table>
  );
}

/** Gives each cell the title of its column, which stands beside it where the row is a card. */
function useNamedCells(titles: readonly string[]) {
  const body = useRef<HTMLTableSectionElement>(null);
  const key = titles.join('\n');
  useEffect(() => {
    const element = body.current;
    if (element === null) return;
    const name = (): void => {
      for (const row of element.rows)
        for (const [at, cell] of [...row.cells].entries()) cell.dataset.name = titles[at] ?? '';
    };
    name();
    const observer = new MutationObserver(name);
    observer.observe(element, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [key]);
  return body;
}
