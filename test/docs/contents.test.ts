import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { contents } from '../../docs/.vitepress/contents.ts';
import { projectRoot } from '../integration/goshawk.ts';

const docs = join(projectRoot, 'docs');
const listed = contents.flatMap(({ pages }) => pages.map(([, page]) => page));

it('The contents of the docs list each page once, and no other', () => {
  const pages = readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.startsWith('decisions/'))
    .map((file) => file.replace(/\.md$/, ''));
  expect([...listed].sort()).toEqual([...pages, 'decisions/index'].sort());
});

it('Each page begins with its title', () => {
  for (const page of listed.filter((one) => one !== 'decisions/index'))
    expect(readFileSync(join(docs, `${page}.md`), 'utf8'), page).toMatch(/^# \S/);
});

/** Words of prose: without code, addresses of links and the marks of tables. */
function wordsOf(page: string): number {
  return readFileSync(join(docs, `${page}.md`), 'utf8')
    .replace(/```[\s\S]*?```/g, '')
    .replace(/^ {4}.*$/gm, '')
    .replace(/\]\([^)]*\)/g, ']')
    .replaceAll('|', ' ')
    .split(/\s+/)
    .filter((word) => /[A-Za-z0-9]/.test(word)).length;
}

it('A page that is no reference and no evidence has at most 1,500 words', () => {
  const pages = contents
    .filter(({ title, evidence }) => title !== 'Reference' && evidence !== true)
    .flatMap((chapter) => chapter.pages.map(([, page]) => page));
  expect(pages.map((page) => [page, wordsOf(page)] as const).filter(([, words]) => words > 1500)).toEqual([]);
});
