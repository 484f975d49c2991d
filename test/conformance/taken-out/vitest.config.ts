import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { withoutCheck } from './check.ts';
import { allChecks } from './checks.ts';

/** Tests with one check of the product taken out while it is loaded: no file of the working tree is touched. */
const number = Number(process.env.GOSHAWK_TAKEN_OUT ?? Number.NaN);
const taken = allChecks[number];
if (taken === undefined) throw new RangeError('GOSHAWK_TAKEN_OUT names no check.');
const { check } = taken;
const path = resolve(check.file);

export default defineConfig({
  root: resolve('.'),
  plugins: [
    {
      name: 'taken-out',
      enforce: 'pre',
      transform(_code, id) {
        if (id.split('?')[0] !== path) return undefined;
        process.stderr.write('goshawk: taken out\n');
        return { code: withoutCheck(check, readFileSync(path, 'utf8')), map: null };
      },
    },
  ],
  test: { testTimeout: 60_000, pool: 'threads', maxWorkers: 1 },
});
