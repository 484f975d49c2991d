import type { OtaVerdict } from '../../runtime/index.ts';
import type { Output } from '../output.ts';

const marks = { fine: 'ok', warned: '--', refused: '!!' } as const;

export function printOta(out: Output, verdict: OtaVerdict): void {
  const { ready, board, findings, command } = verdict;
  const width = Math.max(...findings.map(({ name }) => name.length));
  for (const { name, state, detail, remedy } of findings) {
    out.line(`${marks[state]}  ${name.padEnd(width)}  ${detail}`);
    if (remedy !== undefined) out.line(`    ${' '.repeat(width)}  -> ${remedy}`);
  }
  out.line();
  out.line(
    ready
      ? `${board}: it would switch. After the other slot is written: ${command ?? ''}`
      : `${board}: it would not switch, or not come back. Fix this before you update its system.`,
  );
  out.value(verdict);
}
