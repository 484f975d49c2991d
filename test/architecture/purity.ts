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

const declaration =
  /^\s*(?:export\s+)?declare\s+(?:const|let|var|class|function|namespace|module|global)\b\s*(\w*)/gm;

/** Globals that a text declares, in the order of their names. */
export function declaredGlobals(text: string): string[] {
  const names = [...readSource(text).code.matchAll(declaration)].map(([, name = '']) => name || 'global');
  return [...new Set(names)].sort();
}

/** The same of a file that declares and does nothing else, in which an interface is global as well. */
export function ambientGlobals(text: string): string[] {
  return declaredGlobals(text.replace(/^interface /gm, 'declare class '));
}

/** Which of the names no pure room uses. */
export function unusedGlobals(
  project: Project,
  pureRooms: readonly string[],
  names: readonly string[],
): string[] {
  const words = new Set(
    [...project]
      .filter(([file]) => pureRooms.includes(roomOf(file)))
      .flatMap(([, text]) => readSource(text).code.match(/[\w$]+/g) ?? []),
  );
  return names.filter((name) => !words.has(name));
}
