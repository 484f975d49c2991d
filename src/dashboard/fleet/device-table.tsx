import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Labels } from '../../api/index.ts';
import type { DeviceSummary } from '../api/types.ts';
import { useSession } from '../state/app.ts';
import { useNarrow, useNow } from '../state/use-element.ts';
import { type Column, type ColumnKey, cardHeight, columns, type SortKey } from './columns.ts';
import { DeviceRow } from './device-row.tsx';
import type { FleetFilter } from './filter.ts';
import { type RowWindow, visibleRows } from './visible-rows.ts';

const rowHeight = 54;

/** The devices, however many: only the rows near the window exist. */
export function DeviceTable(props: {
  devices: readonly DeviceSummary[];
  filter: FleetFilter;
  labels: ReadonlyMap<string, Labels>;
  shown: readonly ColumnKey[];
  onSort: (key: SortKey) => void;
}): JSX.Element {
  const { fleet } = useSession();
  const narrow = useNarrow(760);
  const height = narrow ? cardHeight(props.shown) : rowHeight;
  const now = useNow(5000);
  const body = useRef<HTMLTableSectionElement>(null);
  const key = props.shown.join(' ');
  const own = useMemo(
    () => (columns as readonly Column[]).filter((column) => props.shown.includes(column.key)),
    [key],
  );
  const shown = useRowWindow(body, props.devices.length, height);
  const rows = props.devices.slice(shown.first, shown.end);

  return (
    <table
      class="table"
      style={{ '--columns': own.map(({ width }) => width).join(' '), '--card-height': `${height}px` }}
      aria-label="Devices"
      aria-rowcount={props.devices.length + 1}
    >
      <thead class="table-head">
        <tr class="table-head-row" aria-rowindex={1}>
          {own.map((column) => (
            <HeadCell key={column.key} column={column} filter={props.filter} onSort={props.onSort} />
          ))}
        </tr>
      </thead>
      <tbody
        class="table-body"
        ref={body}
        style={{ height: `${props.devices.length * height}px`, paddingTop: `${shown.first * height}px` }}
      >
        {rows.map((device, index) => (
          <DeviceRow
            key={device.id}
            device={device}
            history={fleet.fpsHistory.values(device.id)}
            place={shown.first + index + 1}
            labels={props.labels.get(device.id)}
            columns={own}
            nowMs={device.online ? 0 : now}
          />
        ))}
      </tbody>
    </table>
  );
}

function HeadCell(props: {
  column: Column;
  filter: FleetFilter;
  onSort: (key: SortKey) => void;
}): JSX.Element {
  const { name, sort } = props.column;
  const active = sort === props.filter.sort;
  const order = active ? (props.filter.descending ? 'descending' : 'ascending') : 'none';
  const classes = `cell cell-${props.column.key}${props.column.number ? ' number' : ''}`;
  if (sort === undefined) {
    return (
      <th class={classes} scope="col">
        {name}
      </th>
    );
  }
  return (
    <th class={classes} scope="col" aria-sort={order}>
      <button type="button" class="head-button" onClick={() => props.onSort(sort)}>
        {name}
        <span class="sort-mark" aria-hidden="true">
          {active ? (props.filter.descending ? '↓' : '↑') : ''}
        </span>
      </button>
    </th>
  );
}

/** Follows the scrolling of the window, at most once per frame. */
function useRowWindow(
  body: { current: HTMLTableSectionElement | null },
  rows: number,
  height: number,
): RowWindow {
  const [shown, setShown] = useState<RowWindow>({ first: 0, end: Math.min(rows, 30) });
  useEffect(() => {
    let frame = 0;
    const look = (): void => {
      frame = 0;
      const top = body.current?.getBoundingClientRect().top ?? 0;
      const next = visibleRows(rows, height, top, innerHeight, 6);
      setShown((last) => (last.first === next.first && last.end === next.end ? last : next));
    };
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    look();
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', soon);
      removeEventListener('resize', soon);
    };
  }, [body, rows, height]);
  return { first: Math.min(shown.first, rows), end: Math.min(shown.end, rows) };
}
