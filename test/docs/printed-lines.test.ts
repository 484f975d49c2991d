import { describe, expect, it } from 'vitest';
import { blocks } from '../integration/pages/tutorial.ts';
import { leftOut } from '../package/printed/left-out.ts';
import { printedLines } from '../package/printed/lines.ts';

describe('Lines of the quick starts and the tutorial that no clean system types', () => {
  it.each(leftOut.map(({ page, begins }) => [page, begins]))('%s.md prints: %s', (page, begins) => {
    expect(printedLines(page).some(({ typed }) => typed.startsWith(begins))).toBe(true);
  });

  it('are all listed: the other ones of the tutorial are in blocks that are typed', () => {
    const commands = blocks.map(({ text }) => text).join('\n');
    const missing = printedLines('tutorial').filter(
      ({ typed, leftOut }) => leftOut === undefined && !commands.includes(typed),
    );
    expect(missing).toEqual([]);
  });

  it('belong to the file that a line opens in an editor, where the page shows its text', () => {
    const opened = printedLines('quick-starts').find(({ typed }) => typed.startsWith('sudo nano'));
    expect(JSON.parse(opened?.writes?.text ?? '')).toHaveProperty('cameras');
  });
});
