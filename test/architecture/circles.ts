import { type Import, importsOf, includesOf, type Project } from './project.ts';
import { roomOf } from './rooms.ts';

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

function graphOf(edges: readonly (readonly [from: string, to: string])[]): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [from, to] of edges) {
    const targets = graph.get(from) ?? new Set();
    if (from !== to) graph.set(from, targets.add(to));
  }
  return graph;
}

/** One circle for each group of nodes that reach each other, as a way that ends where it began. */
export function circlesAmong(edges: readonly (readonly [from: string, to: string])[]): string[] {
  const graph = graphOf(edges);
  const done = new Set<string>();
  const way: string[] = [];
  const circles: string[] = [];
  const visit = (node: string) => {
    if (way.includes(node)) {
      circles.push([...way.slice(way.indexOf(node)), node].join(' -> '));
      return;
    }
    if (done.has(node)) return;
    way.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    way.pop();
    done.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return circles;
}

const between = (project: Project): readonly Import[] =>
  [...importsOf(project), ...includesOf(project)].filter(({ ours }) => ours);

/** Files that need each other; a type counts as well. A program that starts itself anew by its path is no circle. */
export function circlesOfFiles(project: Project): string[] {
  const imports = between(project).filter(({ byPath }) => byPath === undefined);
  return circlesAmong(imports.map(({ file, target }) => [file, target]));
}

/** Two folders with one parent, inside of one room, of which each imports the other: neither can be read alone. */
export function twoWaySiblings(project: Project): string[] {
  const ways = new Map<string, string>();
  for (const { file, target } of between(project)) {
    if (roomOf(file) !== roomOf(target)) continue;
    const pair = siblingFolders(file, target);
    if (pair !== undefined) ways.set(pair.join(' -> '), `${file} -> ${target}`);
  }
  return [...ways].flatMap(([way, example]) => {
    const [from = '', to = ''] = way.split(' -> ');
    const back = ways.get(`${to} -> ${from}`);
    return from < to && back !== undefined ? [`${from} <-> ${to} (${example}; ${back})`] : [];
  });
}

/** The folders in which two files part, if both are in one. */
function siblingFolders(file: string, target: string): [string, string] | undefined {
  const from = file.split('/');
  const to = target.split('/');
  const at = from.findIndex((part, index) => part !== to[index]);
  if (at < 0 || at >= from.length - 1 || at >= to.length - 1) return undefined;
  return [from.slice(0, at + 1).join('/'), to.slice(0, at + 1).join('/')];
}
