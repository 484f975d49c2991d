import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const script = path.join(import.meta.dirname, '../../native/test/run.mjs');

/** Small runs; `node native/test/run.mjs address 5000 100000` is the long one. */
describe('core, preprocess and postprocess in C++', () => {
  for (const kind of ['address', 'thread']) {
    it(`run clean under the ${kind} sanitizer`, { timeout: 400_000 }, ({ skip }) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, kind, '60', '400'], {
        encoding: 'utf8',
      });
      if (status === 77) skip(stderr.trim());
      expect(`${stderr}${stdout}`).toMatch(/\nok\n$/);
      expect(status).toBe(0);
    });
  }
});
