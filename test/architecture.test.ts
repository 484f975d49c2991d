import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/*
 * The import rule of docs/architecture.md, read from every import in the code. The table is the rule:
 * a room that is not in it may not exist, an import that is not in it may not stand.
 */
const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const pureRooms: Record<string, readonly string[]> = {
  base: [],
  model: ['base'],
  perception: ['base', 'model'],
  simulation: ['base', 'model', 'perception'],
  optimize: ['base', 'model', 'perception'],
  drift: ['base', 'model', 'perception'],
  telemetry: ['base'],
  ros2: ['base'],
  trust: ['base'],
  protocol: ['base'],
  agent: ['base', 'model', 'perception', 'optimize', 'drift', 'telemetry', 'ros2', 'trust', 'protocol'],
  controller: ['base', 'model', 'perception', 'optimize', 'drift', 'telemetry', 'ros2', 'trust', 'protocol'],
};

/** Packages that compute and touch nothing: no I/O, no clock, no global state. */
const purePackages = ['@sinclair/typebox', 'cborg', '@bufbuild/protobuf'];

const forbiddenInPure: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b|\bnew Date\(\s*\)/, 'reads the clock'],
  [/\bsetTimeout\(|\bsetInterval\(|\bsetImmediate\(/, 'sets a timer'],
  [/\bprocess\.(?!bind)/, 'looks at the process'],
  [/\bMath\.random\b/, 'draws a random number'],
  [/\bperformance\.now\b/, 'reads the clock'],
  [/\bconsole\.\w+\(/, 'prints'],
];

interface Import {
  readonly file: string;
  readonly target: string;
}

function sourceFiles(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(projectRoot, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!['node_modules', 'build', 'dist'].includes(entry.name)) found.push(...sourceFiles(path));
    } else if (/\.tsx?$/.test(entry.name)) found.push(path);
  }
  return found;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/[^\n]*/g, '$1');
}

function importsOf(file: string): Import[] {
  const text = withoutComments(readFileSync(join(projectRoot, file), 'utf8'));
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|^\s*import\s+)['"]([^'"]+)['"]/gm;
  return [...text.matchAll(pattern)].map((match) => {
    const specifier = match[1] ?? '';
    const target = specifier.startsWith('.')
      ? relative(projectRoot, resolve(projectRoot, dirname(file), specifier))
      : specifier;
    return { file, target };
  });
}

/** `src/adapters/sharp/decode.ts` -> `src/adapters/sharp`; `src/base/log.ts` -> `src/base`. */
function roomOf(path: string): string {
  const parts = path.split('/');
  if (parts[0] === 'native') return 'native';
  if (parts[0] === 'device') return parts.slice(0, 2).join('/');
  if (parts[0] === 'src' && parts[1] === 'adapters') return parts.slice(0, 3).join('/');
  return parts.slice(0, 2).join('/');
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

const files = [...sourceFiles('src'), ...sourceFiles('device'), ...sourceFiles('native')].filter(
  (file) => !file.endsWith('.d.ts'),
);
const isInside = (target: string) => /^(src|device|native|test|models|deploy)\//.test(target);

function violations(check: (item: Import) => string | undefined): string[] {
  return files.flatMap(importsOf).flatMap((item) => {
    const complaint = check(item);
    return complaint === undefined ? [] : [`${item.file} -> ${item.target}: ${complaint}`];
  });
}

describe('The import rule', () => {
  it('finds imports at all, so that an empty result means something', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(50);
  });

  it('lets a pure room import only the rooms below it, and only packages that compute', () => {
    expect(
      violations(({ file, target }) => {
        const room = /^src\/([^/]+)\//.exec(file)?.[1] ?? '';
        const allowed = pureRooms[room];
        if (allowed === undefined) return undefined;
        if (!isInside(target)) {
          return purePackages.includes(packageOf(target)) ? undefined : 'this package is not for pure rooms';
        }
        const targetRoom = /^src\/([^/]+)\//.exec(target)?.[1] ?? target;
        return targetRoom === room || allowed.includes(targetRoom)
          ? undefined
          : `${room} may not know ${targetRoom}`;
      }),
    ).toEqual([]);
  });

  it('keeps clock, timers, randomness, process and console out of pure rooms', () => {
    const found = files.flatMap((file) => {
      const room = /^src\/([^/]+)\//.exec(file)?.[1] ?? '';
      if (!(room in pureRooms)) return [];
      const text = withoutComments(readFileSync(join(projectRoot, file), 'utf8'));
      return forbiddenInPure.flatMap(([pattern, why]) => (pattern.test(text) ? [`${file} ${why}`] : []));
    });
    expect(found).toEqual([]);
  });

  it('comes into another room by its door', () => {
    expect(
      violations(({ file, target }) => {
        if (!isInside(target) || roomOf(file) === roomOf(target)) return undefined;
        return /\/index\.tsx?$/.test(target) ? undefined : 'goes through the wall; import its index.ts';
      }),
    ).toEqual([]);
  });

  it('keeps adapters and device folders apart from each other, from the CLI and from agent or controller wiring', () => {
    expect(
      violations(({ file, target }) => {
        const from = roomOf(file);
        if (!/^(src\/adapters|device)\//.test(from) || !isInside(target)) return undefined;
        const to = roomOf(target);
        if (from === to) return undefined;
        if (/^(src\/adapters|device)\//.test(to)) return 'an adapter never imports another adapter';
        if (to === 'native') return from.startsWith('device/') ? undefined : 'only device/* uses native';
        if (to === 'src/cli' || to === 'src/dashboard') return 'adapters are below the CLI';
        return undefined;
      }),
    ).toEqual([]);
  });

  it('lets nobody but the CLI import device folders, and nobody the CLI', () => {
    expect(
      violations(({ file, target }) => {
        if (!isInside(target)) return undefined;
        const from = roomOf(file);
        const to = roomOf(target);
        if (to.startsWith('device/') && from !== to && from !== 'src/cli')
          return 'only the CLI wires device folders';
        if (to === 'src/cli' && from !== 'src/cli') return 'nobody imports the CLI';
        if (/^(test|models|deploy)/.test(to)) return 'the product never imports tests or recipes';
        return undefined;
      }),
    ).toEqual([]);
  });

  it('knows every room that exists', () => {
    const known = new Set([...Object.keys(pureRooms), 'adapters', 'dashboard', 'cli']);
    const rooms = new Set(
      files.filter((file) => file.startsWith('src/')).map((file) => file.split('/')[1] ?? ''),
    );
    expect([...rooms].filter((room) => !known.has(room))).toEqual([]);
  });
});
