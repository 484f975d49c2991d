import { styleText } from 'node:util';
import { printable } from '../base/index.ts';
import { isAmount, type Quantity, type QuantityStyle, quantityWords } from './quantity.ts';

export interface TableStyle extends QuantityStyle {
  /** Columns of the terminal; longer lines are cut. Absent: nothing is cut and no digest is shortened. */
  readonly width?: number;
  /** Whether the terminal shows colours. */
  readonly colour?: boolean;
}

export type Cell = string | number | Quantity;

/** Lines of a table: columns of equal width, numbers to the right. */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  { width, colour = false, ...style }: TableStyle = {},
): readonly string[] {
  const short = (text: string) => (width === undefined ? text : text.replace(/sha256:\w{64}/g, shortDigest));
  const words = (cell: Cell) => (typeof cell === 'object' ? quantityWords(cell, style) : String(cell));
  const cells = [head, ...rows.map((row) => row.map((cell) => short(printable(words(cell)))))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const right = head.map((_, column) => rows.length > 0 && rows.every((row) => isNumber(row[column])));
  return cells.map((row, index) => {
    const padded = row.map((cell, column) =>
      right[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    padded.push(padded.pop()?.trimEnd() ?? '');
    const shown = width === undefined ? padded : fitted(padded, width);
    if (!colour) return shown.join('  ').trimEnd();
    return shown.map((cell) => (index === 0 ? styleText('bold', cell, always) : coloured(cell))).join('  ');
  });
}

function shortDigest(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}

/** The cells that fit, the last of them cut. */
function fitted(cells: readonly string[], width: number): readonly string[] {
  let left = width;
  const shown: string[] = [];
  for (const cell of cells) {
    if (left <= 0) break;
    shown.push(cell.length <= left ? cell : `${cell.slice(0, Math.max(0, left - 1))}…`);
    left -= cell.length + 2;
  }
  return shown;
}

/** The caller knows whether the terminal has colours. */
const always = { validateStream: false };

const colours = {
  red: /^(critical|error|failed|offline|rejected|revoked|refused|aborted|unhealthy)\b/,
  yellow: /^(warning|degraded|paused|waiting|notice|rolling-back|rolled-back|firing|stale)\b/,
  green: /^(ok|online|healthy|committed|finished|yes|watching)\b/,
} as const;

function coloured(cell: string): string {
  for (const [colour, words] of Object.entries(colours) as ['red' | 'yellow' | 'green', RegExp][])
    if (words.test(cell)) return styleText(colour, cell, always);
  return cell;
}

function isNumber(cell: Cell | undefined): boolean {
  if (typeof cell === 'object') return isAmount(cell);
  return typeof cell === 'number' || /^-?[\d.,]+$/.test(cell ?? '');
}
