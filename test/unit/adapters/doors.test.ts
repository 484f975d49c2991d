import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/*
 * Every adapter is around one outside package, or around none and says why: the first line of its door.
 */
const projectRoot = resolve(fileURLToPath(import.meta.url), '../../../..');

/** They compute and touch nothing; any room may use them. */
const purePackages = ['@sinclair/typebox', 'cborg', '@bufbuild/protobuf'];

const folders = ['src/adapters', 'device'].flatMap((parent) =>
  readdirSync(join(projectRoot, parent)).map((name) => `${parent}/${name}`),
);

function sources(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx|mjs)$/.test(name))
    .map((name) => readFileSync(join(projectRoot, folder, name), 'utf8'));
}

/** Packages that an import or a constant for one names; `node:` and relative ones are none. */
function packagesIn(text: string): string[] {
  const named = text.matchAll(/(?:\bfrom |\bimport |\bimport\(|\bpackageName = )'([^'.][^']*)'/g);
  return [...named]
    .map((match) => match[1] ?? '')
    .filter((name) => !name.startsWith('node:'))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    )
    .filter((name) => !purePackages.includes(name));
}

/** The package itself, or a part of it that is shipped apart: `@fastify/static`, `pino-pretty`. */
function isPartOf(name: string, around: string): boolean {
  return name === around || name.startsWith(`@${around}/`) || name.startsWith(`${around}-`);
}

describe('The door of an adapter', () => {
  it('is there', () => {
    expect(folders.length).toBeGreaterThan(20);
    expect(folders).toContain('src/adapters/sqlite');
  });

  it.each(folders)('of %s says in its first line which outside package it is around', (folder) => {
    const [first = ''] = readFileSync(join(projectRoot, folder, 'index.ts'), 'utf8').split('\n');
    const around = /^\/\/ Around: (@?[a-z0-9][a-z0-9./-]*)$/.exec(first)?.[1];
    const why = /^\/\/ Around: nothing outside Node, because (.+)$/.exec(first)?.[1];
    expect(around ?? why, first).toMatch(/.{3}/);
    const used = sources(folder).flatMap(packagesIn);
    if (around === undefined) expect(used).toEqual([]);
    else {
      expect(used.filter((name) => !isPartOf(name, around))).toEqual([]);
      expect(used).toContain(around);
    }
  });
});
