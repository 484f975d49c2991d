/*
 * Runs the tests of one check with that check taken out while its file is loaded: nothing of the working tree is touched. Or
 * with everything in its place, all of them. Says what came of it as a line of JSON. A process for each, since vitest keeps what
 * it has loaded, and without a check something may have no end. Started by main.ts:
 *   trial.ts control <number>
 *   trial.ts without <number> <names of tests that fail anyway, as JSON>
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createVitest } from 'vitest/node';
import { withoutCheck } from './check.ts';
import { allChecks } from './checks.ts';
import type { Trial } from './outcome.ts';

const [kind, number, anyway = '[]'] = process.argv.slice(2);
const isControl = kind === 'control';
const failsAnyway = new Set(JSON.parse(anyway) as readonly string[]);
const { check, tests } = allChecks[Number(number)]!;
const path = resolve(check.file);
let wasLoaded = false;
const vitest = await createVitest(
  'test',
  {
    ...{ watch: false, config: false, reporters: [{}], testTimeout: 120_000 },
    ...{ pool: 'threads', maxWorkers: 1, isolate: false },
  },
  {
    plugins: [
      {
        name: 'taken-out',
        enforce: 'pre',
        transform(_code, id) {
          if (id.split('?')[0] !== path) return undefined;
          wasLoaded = true;
          if (isControl) return undefined;
          return { code: withoutCheck(check, readFileSync(path, 'utf8')), map: null };
        },
      },
    ],
  },
);

async function failedOf(filters: readonly string[]): Promise<string[]> {
  const specifications = await vitest.globTestSpecifications([...filters]);
  if (specifications.length === 0) throw new RangeError(`There are no tests: ${filters.join(' ')}`);
  const { testModules } = await vitest.runTestSpecifications(specifications, true);
  return testModules.flatMap((module) => {
    const file = module.moduleId.replace(/^.*\/test\//, '').replace('.test.ts', '');
    const names = [...module.children.allTests('failed')].map(({ fullName }) => `${file}: ${fullName}`);
    const failed = names.length === 0 && module.state() === 'failed' ? [`${file}: the file`] : names;
    return failed.filter((name) => !failsAnyway.has(name));
  });
}

// The quick ones first; that they miss it is enough.
let failed: string[] = [];
for (const some of tests)
  if (isControl || failed.length === 0) failed = [...failed, ...(await failedOf(some))];
const trial: Trial = { wasLoaded, failed };
process.stdout.write(`${JSON.stringify(trial)}\n`, () => process.exit(0));
