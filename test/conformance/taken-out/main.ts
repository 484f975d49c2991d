/*
 * Takes each check of trust and of downloads out, one at a time, and looks which test misses it:
 *   npm run test:taken-out -- [FROM [UNTIL]]
 * A check that no test misses is said at the end: it is a fault of the tests, or a line too many. Prints rows of a table.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { allChecks } from './checks.ts';
import type { Trial } from './trial.ts';

const [from = 0, until = allChecks.length] = process.argv.slice(2).map(Number);
const missed: string[] = [];

function tryWithout(number: number): Trial {
  const script = join(import.meta.dirname, 'trial.ts');
  const { stdout, stderr, error } = spawnSync(process.execPath, ['--import', 'tsx', script, String(number)], {
    ...{ encoding: 'utf8', timeout: 300_000, killSignal: 'SIGKILL' },
  });
  const line = stdout.split('\n').find((text) => text.startsWith('{"wasLoaded":'));
  if (line !== undefined) return JSON.parse(line) as Trial;
  if (error === undefined) throw new Error(`The trial of ${number} gave nothing: ${stderr.slice(-2000)}`);
  return { wasLoaded: true, failed: ['it does not end'] };
}

for (let number = from; number < until; number++) {
  const { name } = allChecks[number]!.check;
  const { wasLoaded, failed } = tryWithout(number);
  if (!wasLoaded || failed.length === 0) missed.push(`${number} ${name}`);
  const by = wasLoaded ? (failed[0] ?? '**none**') : '**not loaded**';
  process.stdout.write(`| ${number} | ${name} | ${failed.length} | ${by} |\n`);
}
process.stdout.write(
  `${until - from} checks were taken out, one at a time; no test missed ${missed.length}.\n`,
);
for (const one of missed) process.stdout.write(`  ${one}\n`);
process.exitCode = missed.length === 0 ? 0 : 1;
