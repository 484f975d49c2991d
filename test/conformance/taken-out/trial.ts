/*
 * Runs the tests of each check from a number on, with that check taken out while its file is loaded: nothing of the working
 * tree is touched. Says each as a line of JSON. Started by main.ts, since without a check something may have no end.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createVitest } from 'vitest/node';
import { type Check, withoutCheck } from './check.ts';
import { allChecks } from './checks.ts';

/** What came of one check that was taken out. */
export interface Trial {
  readonly number: number;
  /** The file was loaded without it: else that its tests pass says nothing. */
  readonly wasLoaded: boolean;
  /** Of the tests that failed, each with its file. */
  readonly failed: readonly string[];
}

let check: Check | undefined;
let wasLoaded = false;
const vitest = await createVitest(
  'test',
  { watch: false, config: false, reporters: [{}], testTimeout: 60_000, pool: 'threads', maxWorkers: 1 },
  {
    plugins: [
      {
        name: 'taken-out',
        enforce: 'pre',
        transform(_code, id) {
          if (check === undefined || id.split('?')[0] !== resolve(check.file)) return undefined;
          wasLoaded = true;
          return { code: withoutCheck(check, readFileSync(resolve(check.file), 'utf8')), map: null };
        },
      },
    ],
  },
);

async function failedOf(tests: readonly string[]): Promise<string[]> {
  const specifications = await vitest.globTestSpecifications([...tests]);
  if (specifications.length === 0) throw new RangeError(`There are no tests: ${tests.join(' ')}`);
  const { testModules } = await vitest.runTestSpecifications(specifications, true);
  return testModules.flatMap((module) => {
    const file = module.moduleId.replace(/^.*\/test\//, '').replace('.test.ts', '');
    const names = [...module.children.allTests('failed')].map(({ fullName }) => `${file}: ${fullName}`);
    return names.length === 0 && module.state() === 'failed' ? [`${file}: the file`] : names;
  });
}

const [from = 0, until = allChecks.length] = process.argv.slice(2).map(Number);
for (let number = from; number < until; number++) {
  const { check: taken, tests } = allChecks[number]!;
  check = taken;
  wasLoaded = false;
  vitest.invalidateFile(resolve(check.file));
  // The quick ones first; what they miss is enough.
  let failed: string[] = [];
  for (const some of tests) if (failed.length === 0) failed = await failedOf(some);
  vitest.invalidateFile(resolve(check.file));
  const trial: Trial = { number, wasLoaded, failed };
  process.stdout.write(`${JSON.stringify(trial)}\n`);
}
await vitest.close();
process.exit(0);
