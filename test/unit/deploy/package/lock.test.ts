import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Lock, neededPackages } from '../../../../deploy/package/lock.ts';

const lock: Lock = {
  packages: {
    '': { dependencies: { a: '1', picture: '1' } },
    'node_modules/a': { dependencies: { b: '2' } },
    'node_modules/a/node_modules/b': { version: '2', dependencies: { c: '1' } },
    'node_modules/b': { version: '1' },
    'node_modules/c': { dependencies: { b: '1' } },
    'node_modules/picture': { optionalDependencies: { 'picture-x64': '1', 'picture-arm64': '1', gone: '1' } },
    'node_modules/picture-x64': { os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
    'node_modules/picture-arm64': { os: ['linux'], cpu: ['arm64'] },
    'node_modules/tool': {},
  },
};

describe('The packages that a program needs', () => {
  it('are those that it names and theirs, each found where Node finds it', () => {
    expect(neededPackages(lock, 'x64')).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/b',
      'node_modules/c',
      'node_modules/picture',
      'node_modules/picture-x64',
    ]);
  });

  it('are those of the processor that is asked for', () => {
    expect(neededPackages(lock, 'arm64')).toContain('node_modules/picture-arm64');
    expect(neededPackages(lock, 'arm64')).not.toContain('node_modules/picture-x64');
  });

  it('lack what is left out, with what only that needs', () => {
    expect(neededPackages(lock, 'x64', ['a'])).toEqual(['node_modules/picture', 'node_modules/picture-x64']);
  });

  it('are, of this project, no tools of development', () => {
    const own = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;
    const names = neededPackages(own, 'arm64');
    expect(names).toContain('node_modules/fastify');
    expect(names).toContain('node_modules/@img/sharp-libvips-linux-arm64');
    expect(
      names.filter((name) => /vitest|typescript|esbuild|playwright|biome|preact|linux-x64/.test(name)),
    ).toEqual([]);
  });
});
