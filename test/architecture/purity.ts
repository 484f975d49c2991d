import { importsOf, isTypeScript, type Project } from './project.ts';
import { roomOf } from './rooms.ts';
import { readSource } from './source.ts';

/** Not after a dot: `ports.performance` would be ours. Of the web the compiler sees the rest: it has no types for it. */
const bare = (name: string) => new RegExp(`(?<![.\\w$#])${name}`);

const forbidden: readonly (readonly [RegExp, string])[] = [
  [/(?<![.\w$#])Date\s*\.\s*now\b|\bnew Date\(\s*\)|(?<![.\w$#]|new )Date\(/, 'reads the clock'],
  [bare('performance\\s*\\.'), 'reads the clock'],
  [bare('(setTimeout|setInterval|setImmediate|queueMicrotask)\\b'), 'sets a timer'],
  [
    bare('process\\s*\\.\\s*(env|argv|exit|on|once|cwd|hrtime|memoryUsage|nextTick|pid|platform|std)'),
    'looks at the process',
  ],
  [/(?<![.\w$#])Math\s*\.\s*random\b/, 'draws a random number'],
  [bare('crypto\\s*\\.'), 'draws a random number'],
  [bare('console\\s*\\.'), 'prints'],
  [bare('globalThis\\b'), 'reaches for what it does not name'],
  [/\bimport\s*\.\s*meta\b/, 'asks where its file lies'],
];

/** What a pure room does that a pure room may not. */
export function impurities(project: Project, pureRooms: readonly string[]): string[] {
  const pure = new Map(
    [...project].filter(([file]) => isTypeScript(file) && pureRooms.includes(roomOf(file))),
  );
  const found = [...pure].flatMap(([file, text]) => {
    const { code } = readSource(text);
    const does = forbidden.flatMap(([pattern, why]) => (pattern.test(code) ? [`${file} ${why}`] : []));
    return /^\s*\/\/\/\s*<reference/m.test(text) ? [...does, `${file} brings types by a reference`] : does;
  });
  const node = importsOf(pure).filter(({ target }) => target.startsWith('node:'));
  return [
    ...found,
    ...node.map(({ file, target }) => `${file} -> ${target}: a pure room does not know Node`),
  ];
}

/** Globals that pure rooms declare for themselves, because the compiler gives them no types of a browser or of Node. */
export function declaredGlobals(project: Project, pureRooms: readonly string[]): string[] {
  const names = [...project]
    .filter(([file]) => pureRooms.includes(roomOf(file)))
    .flatMap(([, text]) => [
      ...readSource(text).code.matchAll(/^\s*declare\s+(?:const|let|var|class|function|namespace)\s+(\w+)/gm),
    ])
    .map(([, name = '']) => name);
  return [...new Set(names)].sort();
}
