import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import qrcode from 'qrcode-generator';

/** Light cells around the code that a reader needs (ISO/IEC 18004, 9.1). */
const quietCells = 4;

/** A text as a QR code, drawn as one path: black on white in both themes, for that is what cameras read. */
export function QrCode({ text, label }: { text: string; label: string }): JSX.Element {
  const { cells, path } = useMemo(() => draw(text), [text]);
  const size = cells + 2 * quietCells;
  return (
    <svg
      class="qr-code"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}

export function draw(text: string): { readonly cells: number; readonly path: string } {
  const code = qrcode(0, 'M');
  code.addData(text, 'Byte');
  code.make();
  const cells = code.getModuleCount();
  let path = '';
  for (let row = 0; row < cells; row++)
    for (let column = 0; column < cells; column++)
      if (code.isDark(row, column)) path += `M${column + quietCells} ${row + quietCells}h1v1h-1z`;
  return { cells, path };
}
