import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { readSource } from './source.ts';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Text of every source file by its path from the root. */
export type Project = ReadonlyMap<string, string>;

export interface Import {
  readonly file: string;
  /** A path from the root, the name of a package (`node:fs`, `@scope/name`), or a header as it stands in <>. */
  readonly target: string;
  readonly ours: boolean;
  /** A path in a string, e.g. of a program that is started, and no import of the language. */
  readonly byPath?: true;
}

const leftOut = /^(node_modules|build|build-.*|dist)$/;
const sourceFile = /(?<!\.d)\.(tsx?|mjs|cc|h|cu)$/;

export function readProject(folders: readonly string[] = ['src', 'device', 'native']): Project {
  const project = new Map<string, string>();
  const read = (folder: string) => {
    for (const entry of readdirSync(join(projectRoot, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!leftOut.test(entry.name)) read(path);
      } else if (sourceFile.test(entry.name))
        project.set(path, readFileSync(join(projectRoot, path), 'utf8'));
    }
  };
  for (const folder of folders) read(folder);
  return project;
}

export const isTypeScript = (file: string) => /\.(tsx?|mjs)$/.test(file);

const statement = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\(|\.resolve\s*\()\s*$/;

/**
 * What TypeScript files import: statements, `import()`, `require`, and paths in a string that lead to a file of ours
 * (`new URL('./worker.ts', import.meta.url)`), since a program that is started by its path is needed as well.
 */
export function importsOf(project: Project): readonly Import[] {
  const known = read.get(project) ?? readImports(project);
  read.set(project, known);
  return known;
}

const read = new WeakMap<Project, readonly Import[]>();

function readImports(project: Project): readonly Import[] {
  return [...project]
    .filter(([file]) => isTypeScript(file))
    .flatMap(([file, text]) => {
      const { code, strings } = readSource(text);
      return strings.flatMap(({ text: target, at }): Import[] => {
        const stated = statement.test(code.slice(Math.max(0, at - 40), at));
        if (/^\.\.?\//.test(target)) {
          const path = sourceOf(normalize(join(dirname(file), target)), project);
          if (stated) return [{ file, target: path, ours: true }];
          return project.has(path) ? [{ file, target: path, ours: true, byPath: true }] : [];
        }
        return stated ? [{ file, target: packageOf(target), ours: false }] : [];
      });
    });
}

/** The TypeScript file where a path names what is compiled from it. */
function sourceOf(path: string, project: Project): string {
  const typescript = path.replace(/\.js$/, '.ts');
  return project.has(path) || !project.has(typescript) ? path : typescript;
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

/** What C++ and CUDA files include: "quoted" is ours, <pointed> is not. */
export function includesOf(project: Project): readonly Import[] {
  return [...project]
    .filter(([file]) => !isTypeScript(file))
    .flatMap(([file, text]) =>
      [...text.matchAll(/^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)/gm)].map(
        ([, quoted, pointed = '']) =>
          quoted === undefined
            ? { file, target: pointed, ours: false }
            : { file, target: normalize(join(dirname(file), quoted)), ours: true },
      ),
    );
}
