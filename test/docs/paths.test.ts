import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../architecture/project.ts';

const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'test/README.md', 'native/README.md'],
  ...readdirSync(join(projectRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
].map((page) => ({ page, text: withoutReserved(readFileSync(join(projectRoot, page), 'utf8')) }));

/** A room may have its line in docs/architecture.md before it has a file. */
function withoutReserved(text: string): string {
  return text.replace(/^.*\(reserved\).*$/gm, '');
}

/** A path of this repository from its root, as pages write it: in backticks, in a command, or with `*`. */
const path = /(?<![\w/.*-])(?:src|device|native|test|deploy|models|docs)\/[\w./*-]*[\w*]/g;
/** Made when it is built, or named as an example. */
const notKept = /^(native\/build|deploy\/.*\.(deb|img)$)/;

/** `test/unit/agent/*.test.ts`: something in that folder fits. */
function exists(name: string): boolean {
  const folder = dirname(name.replace(/\*.*/, 'x'));
  if (!name.includes('*')) return existsSync(join(projectRoot, name));
  const escaped = name.replace(/[.]/g, '\\.').replaceAll('**', '<any>').replaceAll('*', '[^/]*');
  const pattern = new RegExp(`^${escaped.replaceAll('<any>', '.*')}$`);
  return readdirSync(join(projectRoot, folder)).some((entry) => pattern.test(`${folder}/${entry}`));
}

describe('The pages', () => {
  it('name files and folders that there are', () => {
    const missing = pages.flatMap(({ page, text }) =>
      [...new Set(text.match(path) ?? [])]
        .filter((name) => !notKept.test(name))
        .filter((name) => !exists(name) && !exists(join(dirname(page), name)))
        .map((name) => `${page}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('link to pages and pictures that there are', () => {
    const missing = pages.flatMap(({ page, text }) =>
      [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(join(projectRoot, dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    );
    expect(missing).toEqual([]);
  });
});
