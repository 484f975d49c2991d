import { describe, expect, it } from 'vitest';
import { circlesAmong, circlesOfFiles, twoWaySiblings } from './circles.ts';
import { withoutContract } from './ports.ts';
import { importsOf, type Project } from './project.ts';
import { ambientGlobals, declaredGlobals, impurities, unusedGlobals } from './purity.ts';
import {
  adapterViolations,
  includeViolations,
  pastTheDoor,
  roomsWithoutRow,
  roomViolations,
  upwardRows,
} from './rooms.ts';
import { readSource } from './source.ts';
import { readTable } from './table.ts';
import { metaphors, privateKeywords } from './words.ts';

const page = `
### Pure rooms

| level | room | what it knows | may import | packages |
|---|---|---|---|---|
| 0 | \`src/base\` | errors | - | - |
| 1 | \`src/model\` | bundles | base | cborg |
| 1 | \`src/trust\` (reserved) | signatures | base | - |

### Rooms that touch the world

| level | room | what it knows | may import | packages |
|---|---|---|---|---|
| 3 | \`src/adapters/*\` | technologies | base, model | one each |

### C++

| level | folder | what it knows | may include | headers |
|---|---|---|---|---|
| 0 | \`native/src/base\` | failures | - | - |
| 1 | \`native/src/bindings\` | napi | base | napi.h |
`;
const table = readTable(page);

const whole: Record<string, string> = {
  'src/base/index.ts': `export * from './log.ts';`,
  'src/base/log.ts': 'export const log = 1;',
  'src/model/index.ts': `import { log } from '../base/index.ts';\nimport * as cborg from 'cborg';`,
  'src/adapters/disk/index.ts': `// Around: no package: Node's own fs\nimport fs from 'node:fs';\nimport '../../base/index.ts';`,
  'src/adapters/mqttjs/index.ts': `// Around: mqtt\nimport 'mqtt';\nimport type { M } from '../../model/index.ts';`,
  'native/src/base/failure.h': '#include <string>',
  'native/src/bindings/addon.cc': '#include <napi.h>\n#include "../base/failure.h"',
};

const withFiles = (files: Record<string, string>): Project => new Map(Object.entries({ ...whole, ...files }));

function allViolations(project: Project): string[] {
  const pureRooms = table.pure.map(({ name }) => name);
  return [
    ...roomsWithoutRow(project, table),
    ...roomViolations(project, table),
    ...pastTheDoor(project),
    ...circlesOfFiles(project),
    ...twoWaySiblings(project),
    ...impurities(project, pureRooms),
    ...adapterViolations(project),
    ...includeViolations(project, table),
    ...metaphors(project),
    ...privateKeywords(project),
  ];
}

describe('The rules on a made-up project', () => {
  it('find nothing where everything is in its place', () => {
    expect(allViolations(withFiles({}))).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'an import up the levels',
      { 'src/base/log.ts': `export { x } from '../model/index.ts';` },
      'src/base/log.ts -> src/model/index.ts: base may not import model',
    ],
    [
      'an import of a type over several lines',
      { 'src/base/log.ts': `import type {\n  A,\n  B,\n} from '../model/index.ts';` },
      'src/base/log.ts -> src/model/index.ts: base may not import model',
    ],
    [
      'an import when it runs',
      { 'src/base/log.ts': `const m = await import('../model/index.ts');` },
      'src/base/log.ts -> src/model/index.ts: base may not import model',
    ],
    [
      'a file that is started by its path, by the name that it has when compiled',
      { 'src/base/log.ts': `new Worker(new URL('../model/index.js', import.meta.url));` },
      'src/base/log.ts -> src/model/index.ts: base may not import model',
    ],
    [
      'a test in the product',
      { 'src/model/a.ts': `import '../../test/fakes/fake-clock.ts';` },
      'src/model/a.ts -> test/fakes/fake-clock.ts: model may not import test',
    ],
    [
      'a way past the door',
      { 'src/model/a.ts': `import '../base/log.ts';` },
      'src/model/a.ts -> src/base/log.ts: a room is entered by its index.ts',
    ],
    [
      'a package that is in no row',
      { 'src/model/a.ts': `import 'lodash/fp';` },
      'src/model/a.ts -> lodash: model uses no such package',
    ],
    [
      'an allowed import that nobody needs',
      { 'src/model/index.ts': `import 'cborg';` },
      'model may import base, and no file does: take it off the table',
    ],
    [
      'an allowed package that nobody needs',
      { 'src/model/index.ts': `import '../base/index.ts';` },
      'model may import cborg, and no file does: take it off the table',
    ],
    ['a room without a row', { 'src/lib/a.ts': '' }, 'lib has no row in docs/architecture.md'],
    ['a reserved room that has come', { 'src/trust/a.ts': '' }, 'trust is no longer reserved: it has files'],
    [
      'an adapter that imports another one',
      { 'src/adapters/disk/a.ts': `import '../mqttjs/index.ts';` },
      'src/adapters/disk/a.ts -> src/adapters/mqttjs/index.ts: adapters/disk may not know its neighbour',
    ],
    [
      'an adapter around two packages',
      { 'src/adapters/mqttjs/a.ts': `import 'sharp';` },
      'src/adapters/mqttjs/a.ts -> sharp: its index.ts says that it is around mqtt',
    ],
    [
      'an adapter around a package with another that it does not need',
      {
        'src/adapters/mqttjs/index.ts': `// Around: mqtt with sharp: it asks for it\nimport 'mqtt';\nimport 'sharp';\nimport 'pino';\nimport type { M } from '../../model/index.ts';`,
      },
      'src/adapters/mqttjs/index.ts -> pino: its index.ts says that it is around mqtt',
    ],
    [
      'an adapter that says it has no package',
      { 'src/adapters/disk/a.ts': `import 'sharp';` },
      'src/adapters/disk/a.ts -> sharp: its index.ts says "no package"',
    ],
    [
      'an adapter that lost its package',
      { 'src/adapters/mqttjs/index.ts': `// Around: mqtt\nimport '../../model/index.ts';` },
      'src/adapters/mqttjs/index.ts: around mqtt, which no file names',
    ],
    [
      'an adapter that does not say what it is around',
      { 'src/adapters/disk/index.ts': `import '../../base/index.ts';` },
      'src/adapters/disk/index.ts: its first line has to be "// Around: <package>", or "// Around: no package: <why>"',
    ],
    [
      'two files that need each other, by a type',
      { 'src/base/a.ts': `import type { B } from './b.ts';`, 'src/base/b.ts': `import './a.ts';` },
      'src/base/a.ts -> src/base/b.ts -> src/base/a.ts',
    ],
    [
      'two folders that need each other',
      {
        'src/base/x/a.ts': `import '../y/b.ts';`,
        'src/base/y/b.ts': '',
        'src/base/y/c.ts': `import '../x/d.ts';`,
        'src/base/x/d.ts': '',
      },
      'src/base/x <-> src/base/y (src/base/x/a.ts -> src/base/y/b.ts; src/base/y/c.ts -> src/base/x/d.ts)',
    ],
    [
      'Node in a pure room',
      { 'src/base/a.ts': `import fs from 'node:fs';` },
      'src/base/a.ts -> node:fs: a pure room does not know Node',
    ],
    ['a clock in a pure room', { 'src/base/a.ts': 'const t = Date.now();' }, 'src/base/a.ts reads the clock'],
    ['a date in a pure room', { 'src/base/a.ts': 'const t = new Date();' }, 'src/base/a.ts reads the clock'],
    ['a timer in a pure room', { 'src/base/a.ts': 'setTimeout(f, 1);' }, 'src/base/a.ts sets a timer'],
    ['chance in a pure room', { 'src/base/a.ts': 'Math.random();' }, 'src/base/a.ts draws a random number'],
    [
      'the environment in a pure room',
      { 'src/base/a.ts': 'const { HOME } = process.env;' },
      'src/base/a.ts looks at the process',
    ],
    [
      'types of Node in a pure room',
      { 'src/base/a.ts': '/// <reference types="node" />' },
      'src/base/a.ts brings types by a reference',
    ],
    [
      'an include up the levels',
      { 'native/src/base/a.cc': '#include "../bindings/addon.h"' },
      'native/src/base/a.cc -> native/src/bindings/addon.h: base may not include bindings',
    ],
    [
      'a header of a library',
      { 'native/src/base/a.cc': '# include <opencv2/core.hpp>' },
      'native/src/base/a.cc -> opencv2/core.hpp: base may not include opencv2/core.hpp',
    ],
    [
      'a header that is allowed and not needed',
      { 'native/src/bindings/addon.cc': '#include "../base/failure.h"' },
      'bindings may include napi.h, and no file does: take it off the table',
    ],
    ['a word of the office', { 'src/base/a.ts': 'class AckDesk {}' }, 'src/base/a.ts: AckDesk'],
    [
      'a word of the office in C++',
      { 'native/src/base/a.h': 'int open_books;' },
      'native/src/base/a.h: open_books',
    ],
    ['a word of the office as a file', { 'src/base/desk-cost.ts': '' }, 'src/base/desk-cost.ts: its name'],
    [
      'the keyword private',
      {
        'src/base/a.ts': 'class A { private readonly x = 1; private async y() {} private constructor() {} }',
      },
      'src/base/a.ts: private x, y',
    ],
  ])('find %s', (_, files, violation) => {
    expect(allViolations(withFiles(files))).toContain(violation);
  });

  it('let comments, texts and parts of other words be', () => {
    const text = `
      // import '../model/index.ts'; a desk; Date.now()
      /* private x: the shelf */
      const said = 'from "../model/nothing.ts" and Date.now()';
      const pattern = /import '..\\/model\\/index.ts' Date.now()/;
      const nested = \`\${said} Math.random() \${\`setTimeout(\`}\`;
      const letterbox = ports.clock.setTimeout(said);
      const bookkeeping = deskew(letterbox);
    `;
    expect(allViolations(withFiles({ 'src/base/a.ts': text }))).toEqual([]);
  });

  it('find rows that lead up, and rows that lead in a circle', () => {
    const row = (name: string, level: number, ...imports: string[]) => ({
      ...{ name, level, imports, knows: '', outside: [], reserved: false },
    });
    expect(upwardRows([row('base', 0, 'model'), row('model', 1, 'base')])).toEqual([
      'base (level 0) -> model (level 1)',
    ]);
    expect(
      circlesAmong([
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'b'],
      ]),
    ).toEqual(['b -> c -> b']);
  });

  it('find an adapter that is not run through the contract suite of its port', () => {
    const adapters = withFiles({
      'src/adapters/disk/a.ts': 'export class FilesystemModelStore implements ModelStore, Other<Thing> {}',
      'src/adapters/disk/b.ts': 'export class RunThrough extends Base implements ModelStore {}',
    });
    const suites = new Map([
      ['test/contract/model-store.test.ts', 'new RunThrough(); // FilesystemModelStore'],
    ]);
    expect(withoutContract(adapters, suites, [])).toEqual([
      'src/adapters/disk/a.ts: FilesystemModelStore is not run through the contract suite of ModelStore',
    ]);
  });

  it('let a program start itself by its path', () => {
    const files = {
      'src/base/a.ts': `import './b.ts';`,
      'src/base/b.ts': `new URL('./a.js', import.meta.url);`,
    };
    expect(circlesOfFiles(withFiles(files))).toEqual([]);
  });

  it('list the globals that a text declares, and those that nobody uses', () => {
    const text =
      'declare const TextEncoder: new () => unknown;\ndeclare class AbortSignal {}\ndeclare global {}';
    expect(declaredGlobals(text)).toEqual(['AbortSignal', 'TextEncoder', 'global']);
    expect(ambientGlobals('interface A {}\ndeclare class B {}')).toEqual(['A', 'B']);
    expect(
      unusedGlobals(withFiles({ 'src/base/a.ts': '// atob\nbtoa(x);' }), ['base'], ['atob', 'btoa']),
    ).toEqual(['atob']);
  });
});

describe('The reader of sources', () => {
  it('keeps the lines and the length of a file', () => {
    const { code } = readSource("const a = 'x'; // y\n/* z\n */ const b = `pq`;\n");
    expect(code).toBe("const a = ' ';     \n    \n    const b = `  `;\n");
  });

  it('tells a division from a regular expression, and an apostrophe in JSX from a quote', () => {
    const division = "const x = (a + b) / 2; const y = list[0]! / c; const z = 'end';";
    expect(readSource(division).strings).toEqual([{ text: 'end', at: division.indexOf("'end'") }]);
    expect(readSource("return /['\"`]/.test(x) ? 'a' : 'b';").strings.map(({ text }) => text)).toEqual([
      'a',
      'b',
    ]);
    expect(readSource("<p>Don't</p>\nimport 'a';").strings.map(({ text }) => text)).toEqual(['a']);
  });

  it('names a package by its scope and name', () => {
    const project = new Map([['src/a/b.ts', `import x from '@a/b/c/d';\nimport 'e/f';\nrequire('g');`]]);
    expect(importsOf(project).map(({ target }) => target)).toEqual(['@a/b', 'e', 'g']);
  });
});
