// What needs no test to run: types, one configuration per room, then lint and format.
import { join } from 'node:path';
import { run, say } from './setup.mjs';

const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
const configurations = [
  ['src/tsconfig.pure.json'],
  ['tsconfig.json', '--noEmit'],
  ['src/dashboard/tsconfig.json'],
  ['test/tsconfig.json'],
];

/** One step with its title; false: it failed. */
export function step(title, command, args) {
  say(`\n== ${title}`);
  const status = run(command, args);
  if (status !== 0) say(`${title} failed (exit status ${status}).`);
  return status === 0;
}

/** All of them, also after one that failed. */
export function typesAndLint() {
  const types = configurations.map(([project, ...more]) =>
    step(`Type check ${project}`, process.execPath, [tsc, '-p', project, ...more]),
  );
  const lint = step('Lint and format', join('node_modules', '.bin', 'biome'), ['ci', '.']);
  return lint && types.every(Boolean);
}
