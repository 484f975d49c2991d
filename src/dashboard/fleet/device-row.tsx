import type { JSX } from 'preact';
import { memo } from 'preact/compat';
import { cells, type RowProps } from './device-cells.tsx';

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
