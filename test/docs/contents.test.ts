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
