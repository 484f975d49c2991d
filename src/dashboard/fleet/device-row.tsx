import type { JSX } from 'preact';
import { memo } from 'preact/compat';
import type { Labels } from '../../api/index.ts';
import type { DeviceSummary } from '../api/types.ts';
import type { Column } from './columns.ts';
import { cells } from './device-cells.tsx';

export interface RowProps {
  readonly device: DeviceSummary;
  readonly history: readonly (number | null)[];
  readonly labels: Labels | undefined;
  /** Place in the whole list, from 1: only a part of the rows exists. */
  readonly place: number;
  readonly columns: readonly Column[];
  /** For `8 s ago` of devices that are offline; constant for the others, so that they are not drawn again. */
  readonly nowMs: number;
}

/** One device in the table; a card on a phone. Drawn again only when the device changed. */
export const DeviceRow = memo(function DeviceRow(props: RowProps): JSX.Element {
  return (
    <tr class={`row${props.device.online ? '' : ' row-offline'}`} aria-rowindex={props.place + 1}>
      {props.columns.map(({ key, number }) => (
        <td key={key} class={`cell cell-${key}${number === true ? ' number' : ''}`}>
          {cells[key](props)}
        </td>
      ))}
    </tr>
  );
});
