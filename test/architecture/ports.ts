import { isTypeScript, type Project } from './project.ts';
import { readSource } from './source.ts';

const implementing = /\bclass\s+(\w+)[^{]*?\bimplements\s+([\w\s,<>]+?)\s*\{/g;

/**
 * Classes that implement a port with a contract suite and are not run through it. A suite is named after its port:
 * `test/contract/frame-source.ts` is that of FrameSource.
 *
 * @param suites texts of test/contract and its fixtures, by their path
 */
export function withoutContract(project: Project, suites: Project, alsoPorts: readonly string[]): string[] {
  const names = [...suites.keys()].filter((path) => path.startsWith('test/contract/'));
  const ports = new Set([...names.map(portOf), ...alsoPorts]);
  const words = new Set([...suites.values()].flatMap((text) => readSource(text).code.match(/\w+/g) ?? []));
  return [...project]
    .filter(([file]) => isTypeScript(file))
    .flatMap(([file, text]) =>
      [...readSource(text).code.matchAll(implementing)].flatMap(([, name = '', list = '']) =>
        list
          .replace(/<[^>]*>/g, '')
          .split(',')
          .map((port) => port.trim())
          .filter((port) => ports.has(port) && !words.has(name))
          .map((port) => `${file}: ${name} is not run through the contract suite of ${port}`),
      ),
    );
}

/** `test/contract/frame-source.test.ts` -> FrameSource */
function portOf(path: string): string {
  const name = path.replace(/^.*\//, '').replace(/(\.test)?\.ts$/, '');
  return name.replace(/(^|-)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase());
}
