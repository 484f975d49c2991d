import { sectorBytes } from './layout.ts';

/* What the first sectors of an image say about it: a GUID partition table (UEFI 2.10, chapter 5.3). */

export interface PartitionTable {
  /** Of the whole image, by the place of the table's copy. */
  readonly bytes: number;
  readonly labels: readonly string[];
}

/** How much of the beginning is needed. */
export const tableBytes = 34 * sectorBytes;

/** `undefined`: there is no such table. */
export function readPartitionTable(head: Uint8Array): PartitionTable | undefined {
  if (head.length < tableBytes) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const at = sectorBytes;
  if (ascii(head, at, 8) !== 'EFI PART') return undefined;
  const copyLba = Number(view.getBigUint64(at + 32, true));
  const first = Number(view.getBigUint64(at + 72, true)) * sectorBytes;
  const count = view.getUint32(at + 80, true);
  const size = view.getUint32(at + 84, true);
  if (first !== 2 * sectorBytes || size !== 128 || count > 128) return undefined;
  const labels = Array.from({ length: count }, (_, index) => labelAt(view, first + index * size)).filter(
    (label) => label !== undefined,
  );
  return { bytes: (copyLba + 1) * sectorBytes, labels };
}

function labelAt(view: DataView, at: number): string | undefined {
  if (view.getBigUint64(at, true) === 0n && view.getBigUint64(at + 8, true) === 0n) return undefined;
  let label = '';
  for (let index = 0; index < 36; index += 1) {
    const code = view.getUint16(at + 56 + index * 2, true);
    if (code === 0) break;
    label += String.fromCharCode(code);
  }
  return label;
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
