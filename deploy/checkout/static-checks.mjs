// Checks that need no test: types, one configuration per room, then lint and format, then words.
import { join } from 'node:path';
import { run, say } from './setup.mjs';

const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
const configurations = [
  'src/tsconfig.pure.json',
  'tsconfig.json',
  'src/dashboard/tsconfig.json',
  'test/tsconfig.json',
];

/** What a run before found is kept, so that a change costs what it touches: 3 s instead of 32 s. */
function typeCheck(project) {
  const kept = join('node_modules', '.goshawk', 'types', project.replaceAll('/', '-'));
  const options = ['--noEmit', '--incremental', '--tsBuildInfoFile', kept];
  return step(`Type check ${project}`, process.execPath, [tsc, '-p', project, ...options]);
}

/** One step with its title; false: it failed. */
export function step(title, command, args) {
  say(`\n== ${title}`);
  const status = run(command, args);
  if (status !== 0) console.log(`failed: ${title} (exit status ${status})`);
  return status === 0;
}

/** All of them, also after one that failed. */
export function typesAndLint() {
  const types = configurations.map(typeCheck);
  const lint = step('Lint and format', join('node_modules', '.bin', 'biome'), ['ci', '.']);
  const words = step('Words', process.execPath, [join('deploy', 'checkout', 'words', 'main.mjs')]);
  return lint && words && types.every(Boolean);
}
