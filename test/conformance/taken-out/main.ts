/*
 * Takes each check of trust and of downloads out, one at a time, and looks which test misses it:
 *   npm run test:taken-out -- [FROM [UNTIL]]
 * A check that no test misses is said at the end: it is a fault of the tests, or a line too many. Prints rows of a table.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { allChecks } from './checks.ts';
import type { Trial } from './trial.ts';

const trialMs = 180_000;
const [from = 0, until = allChecks.length] = process.argv.slice(2).map(Number);
const missed: string[] = [];

function say({ number, wasLoaded, failed }: Trial): void {
  const { name } = allChecks[number]!.check;
  const isMissed = wasLoaded && failed.length > 0;
  if (!isMissed) missed.push(`${number} ${name}`);
  const by = !wasLoaded ? '**not loaded**' : (failed[0] ?? '**none**');
  process.stdout.write(`| ${number} | ${name} | ${failed.length} | ${by} |\n`);
}

/** Until the end, or until one has none: then that one's number. */
function run(first: number): Promise<number | undefined> {
  const script = join(import.meta.dirname, 'trial.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, String(first), String(until)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let next = first;
  let timer = setTimeout(() => child.kill('SIGKILL'), trialMs);
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{"number":')) return;
    clearTimeout(timer);
    timer = setTimeout(() => child.kill('SIGKILL'), trialMs);
    const trial = JSON.parse(line) as Trial;
    say(trial);
    next = trial.number + 1;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      if (status === 0) resolve(undefined);
      else if (signal === 'SIGKILL') resolve(next);
      else reject(new Error(`The trial of ${next} ended with ${status ?? signal}.`));
    });
  });
}

for (let next: number | undefined = from; next !== undefined && next < until; ) {
  const stuck: number | undefined = await run(next);
  if (stuck !== undefined) say({ number: stuck, wasLoaded: true, failed: ['it does not end'] });
  next = stuck === undefined ? undefined : stuck + 1;
}
process.stdout.write(
  `${until - from} checks were taken out, one at a time; no test missed ${missed.length}.\n`,
);
for (const one of missed) process.stdout.write(`  ${one}\n`);
process.exitCode = missed.length === 0 ? 0 : 1;
