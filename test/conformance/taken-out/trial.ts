/*
 * Runs the tests of one check with that check taken out while its file is loaded: nothing of the working tree is touched. Says
 * what came of it as a line of JSON. A process for each, since vitest keeps what it has loaded, and without a check something
 * may have no end. Started by main.ts.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createVitest } from 'vitest/node';
import { withoutCheck } from './check.ts';
import { allChecks } from './checks.ts';

export interface Trial {
  /** The file was loaded without it: else that its tests pass says nothing. */
  readonly wasLoaded: boolean;
  /** Of the tests that failed, each with its file. */
  readonly failed: readonly string[];
}

const { check, tests } = allChecks[Number(process.argv[2])]!;
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
    return names.length === 0 && module.state() === 'failed' ? [`${file}: the file`] : names;
  });
}

// The quick ones first; that they miss it is enough.
let failed: string[] = [];
for (const some of tests) if (failed.length === 0) failed = await failedOf(some);
const trial: Trial = { wasLoaded, failed };
process.stdout.write(`${JSON.stringify(trial)}\n`, () => process.exit(0));
