import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot, readProject } from '../architecture/project.ts';

interface Term {
  readonly term: string;
  readonly meaning: string;
  readonly source: string;
}

/** How the code writes each term. */
const written = JSON.parse(readFileSync(join(import.meta.dirname, 'glossary.json'), 'utf8')) as Record<
  string,
  readonly string[]
>;

/** Lines of all tables of docs/glossary.md. */
const terms: readonly Term[] = readFileSync(join(projectRoot, 'docs/glossary.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| term |'))
  .map((line) => {
    const [, term = '', meaning = '', source = ''] = line.split('|').map((cell) => cell.trim());
    return { term, meaning, source };
  });

describe('docs/glossary.md', () => {
  const words = new Set([...readProject().values()].flatMap((text) => text.match(/[\w$]+/g) ?? []));
  const code = [...readProject().values()].join('\n');
  /** A word of its own in some file; what is more than a word (`text/event-stream`) just stands somewhere. */
  const occurs = (written: string) => (/^\w+$/.test(written) ? words.has(written) : code.includes(written));

  it('has many terms, each once', () => {
    expect(terms.length).toBeGreaterThan(100);
    expect(new Set(terms.map(({ term }) => term)).size).toBe(terms.length);
  });

  it('has a meaning and a source for every term', () => {
    expect(terms.filter(({ meaning, source }) => meaning === '' || source === '')).toEqual([]);
  });

  it('writes every term as the code does', () => {
    const unknown = terms.flatMap(({ term }) => {
      const names = written[term] ?? [];
      return names.length === 0
        ? [`${term}: add to glossary.json how the code writes it`]
        : names.filter((one) => !occurs(one)).map((one) => `${term}: no file of the code has ${one}`);
    });
    expect(unknown).toEqual([]);
    expect(Object.keys(written)).toEqual(terms.map(({ term }) => term));
  });
});
