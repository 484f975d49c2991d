import { describe, expect, it } from 'vitest';
import { excepted } from '../integration/pages/excepted.ts';
import { pages } from '../integration/pages/pages.ts';
import { isTyped } from '../integration/pages/run-page.ts';
import { typedPages } from '../integration/pages/typed.ts';

const lines = [...typedPages].flatMap(([page, all]) => all.map(({ typed }) => ({ page, typed })));

// They are run by `npm test -- pages`.
describe('Lines that a page shows to type', () => {
  it('are typed here, as many as are known to run', () => {
    const left = lines.filter(({ page, typed }) => !isTyped(page, typed));
    expect(lines.length - left.length).toBeGreaterThan(80);
  });

  it('are excepted only where a page still shows them', () => {
    const shown = ({ page, begins }: (typeof excepted)[number]) =>
      lines.some((line) => (page === '*' || page === line.page) && line.typed.startsWith(begins));
    expect(excepted.filter((one) => !shown(one))).toEqual([]);
  });

  it('have a place only where a page still has lines', () => {
    expect(Object.keys(pages).filter((page) => !typedPages.has(page))).toEqual([]);
  });
});
