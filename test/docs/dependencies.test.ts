import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, projectRoot, readProject } from '../architecture/project.ts';

const { dependencies, devDependencies } = JSON.parse(
  readFileSync(join(projectRoot, 'package.json'), 'utf8'),
) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
const packages = [...Object.keys(dependencies), ...Object.keys(devDependencies)];

describe('The packages', () => {
  it('have their reason in docs/dependencies.md, all but types', () => {
    const page = readFileSync(join(projectRoot, 'docs/dependencies.md'), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| '));
    const named = (name: string) =>
      rows.some((row) => {
        const [, cell = ''] = row.split('|');
        // `fastify 5 with swagger` stands for @fastify/swagger.
        const [scope = '', inner = ''] = name.replace('@', '').split('/');
        return cell.includes(name) || (inner !== '' && cell.includes(scope) && cell.includes(inner));
      });
    expect(packages.filter((name) => !name.startsWith('@types/') && !named(name))).toEqual([]);
  });

  it('that the product imports are those of package.json, not those that another one happens to bring', () => {
    const unknown = importsOf(readProject())
      .filter(({ target, ours }) => !ours && !target.startsWith('node:'))
      .filter(({ target }) => !packages.includes(target))
      .map(({ file, target }) => `${file} -> ${target}`);
    expect(unknown).toEqual([]);
  });
});
