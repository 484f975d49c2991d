import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot, readProject } from '../architecture/project.ts';

interface Term {
  readonly term: string;
  /** How the code writes it. */
  readonly written: readonly string[];
  readonly meaning: string;
  readonly source: string;
}

/** Lines of all tables of docs/glossary.md. */
const terms: readonly Term[] = readFileSync(join(projectRoot, 'docs/glossary.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| term |'))
  .map((line) => {
    const [, term = '', code = '', meaning = '', source = ''] = line.split('|').map((cell) => cell.trim());
    return { term, written: [...code.matchAll(/`([^`]+)`/g)].map(([, one = '']) => one), meaning, source };
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
    const unknown = terms.flatMap(({ term, written }) =>
      written.length === 0
        ? [`${term}: how does the code write it?`]
        : written.filter((one) => !occurs(one)).map((one) => `${term}: no file of the code has ${one}`),
    );
    expect(unknown).toEqual([]);
  });
});
