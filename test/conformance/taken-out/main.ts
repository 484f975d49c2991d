/*
 * Takes each check of trust and of downloads out, one at a time, and looks which tests miss it:
 *   npm run test:taken-out -- [--from N] [--count N]
 * A check that no test misses is said at the end, and is a fault of the tests or a line too many. Prints rows of a table.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { allChecks } from './checks.ts';

interface Results {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const { values } = parseArgs({ options: { from: { type: 'string' }, count: { type: 'string' } } });
const from = Number(values.from ?? 0);
const until = Math.min(allChecks.length, from + Number(values.count ?? allChecks.length));
const folder = mkdtempSync(join(tmpdir(), 'goshawk-taken-out-'));
const missed: string[] = [];
for (let number = from; number < until; number++) {
  const { check, tests } = allChecks[number]!;
  const out = join(folder, `${number}.json`);
  const config = 'test/conformance/taken-out/vitest.config.ts';
  const { stderr, stdout, signal } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      config,
      '--reporter=json',
      `--outputFile=${out}`,
    ].concat(tests),
    {
      env: { ...process.env, GOSHAWK_TAKEN_OUT: String(number) },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      // Without a check something may have no end: that is missed too.
      timeout: 120_000,
    },
  );
  // A check that is never loaded was not taken out: that its tests pass says nothing.
  const wasLoaded = stderr.includes('goshawk: taken out') || stdout.includes('goshawk: taken out');
  const failed = signal === null ? failedIn(out) : ['it does not end'];
  if (failed.length === 0 || !wasLoaded) missed.push(`${number} ${check.name}`);
  const said = wasLoaded ? (failed[0] ?? '**none**') : '**not loaded**';
  process.stdout.write(`| ${number} | ${check.name} | ${failed.length} | ${said} |\n`);
}
rmSync(folder, { recursive: true });
process.stdout.write(
  `${until - from} checks were taken out, one at a time; no test missed ${missed.length}:\n`,
);
for (const one of missed) process.stdout.write(`  ${one}\n`);
process.exitCode = missed.length === 0 ? 0 : 1;

/** Names of the tests that failed, each with its file. */
function failedIn(path: string): string[] {
  const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as Results;
  return testResults.flatMap(({ name, status, assertionResults }) => {
    const file = name.replace(/^.*\/test\//, '').replace('.test.ts', '');
    const names = assertionResults
      .filter((one) => one.status === 'failed')
      .map((one) => `${file}: ${one.fullName}`);
    return names.length === 0 && status === 'failed' ? [`${file}: the file`] : names;
  });
}
