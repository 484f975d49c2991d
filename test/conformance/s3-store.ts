/*
 * Runs the tests of S3-compatible stores against the one that the environment names; docs/registry.md says how.
 *
 *     npm run check -- s3
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { namedS3 } from '../fixtures/s3-store.ts';

if (namedS3() === undefined) {
  process.stderr.write('Name a store in GOSHAWK_S3_ENDPOINT; docs/registry.md says how.\n');
  process.exit(2);
}
const root = join(import.meta.dirname, '../..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const tests = ['test/contract/blob-store.test.ts', 'test/integration/s3-store.test.ts'];
const { status } = spawnSync(process.execPath, [vitest, 'run', ...tests], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
