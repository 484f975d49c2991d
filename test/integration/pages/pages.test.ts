import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Lab } from './lab.ts';
import { isTyped, runPage } from './run-page.ts';
import { typedPages } from './typed.ts';

// Each line is a process, and some are models that run.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(() => lab.close());

const typed = [...typedPages].filter(([page, all]) => all.some((line) => isTyped(page, line.typed)));

describe('Lines that a page shows to type', () => {
  it.each(typed)('of docs/%s.md run, one after the other', async (page) => {
    const wrong: string[] = [];
    let last = 'its first line';
    try {
      for await (const { line, command, code, wanted, said } of runPage(page, lab)) {
        last = `${page}.md:${line}: ${command}: ${code} for ${wanted}\n${said.slice(-1500)}`;
        if (code !== wanted) wrong.push(last);
      }
    } catch (error) {
      throw new Error(`${(error as Error).message} After ${last}`, { cause: error });
    }
    expect(wrong).toEqual([]);
  });
});
