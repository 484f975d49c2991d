/*
 * Takes each check of trust and of downloads out, one at a time, and looks which test misses it:
 *   npm run check -- taken-out [FROM [UNTIL]]
 * Before that the same tests run with the check in its place: what fails there, on a busy machine too, misses nothing. A check
 * that no test misses is said at the end: it is a fault of the tests, or a line too many. Prints rows of a table.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { allChecks } from './checks.ts';
import { outcomeOf, rangeOf, type Trial, verdictOf } from './outcome.ts';

const range = rangeOf(process.argv.slice(2), allChecks.length);
if ('problem' in range) {
  process.stderr.write(`${range.problem}\n`);
  process.exit(64);
}
const { from, until } = range;
const script = join(import.meta.dirname, 'trial.ts');

function trialOf(...words: readonly string[]): Trial | undefined {
  return outcomeOf(
    spawnSync(process.execPath, ['--import', 'tsx', script, ...words], {
      ...{ encoding: 'utf8', timeout: 300_000, killSignal: 'SIGKILL' },
    }),
  );
}

/** Of each list of tests: those that fail although nothing is taken out. */
const failing = new Map<string, readonly string[]>();

function failingAnyway(number: number): readonly string[] {
  const tests = allChecks[number]!.tests.flat().join(' ');
  const known = failing.get(tests);
  if (known !== undefined) return known;
  const control = trialOf('control', String(number));
  if (control === undefined) throw new Error(`With every check in its place these do not end: ${tests}`);
  for (const name of control.failed) process.stdout.write(`Fails with every check in its place: ${name}\n`);
  failing.set(tests, control.failed);
  return control.failed;
}

const unseen: string[] = [];
for (let number = from; number < until; number++) {
  const { name } = allChecks[number]!.check;
  const trial = trialOf('without', String(number), JSON.stringify(failingAnyway(number)));
  const { by, isMissed } = verdictOf(trial);
  if (!isMissed) unseen.push(`${number} ${name}: ${by}`);
  process.stdout.write(`| ${number} | ${name} | ${trial?.failed.length ?? ''} | ${by} |\n`);
}
process.stdout.write(
  `${until - from} checks were taken out, one at a time; no test turned red for ${unseen.length}.\n`,
);
for (const one of unseen) process.stdout.write(`  ${one}\n`);
process.exitCode = unseen.length === 0 ? 0 : 1;
