import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test.each([undefined, ''])(
  'Another S3 store is not tried, and it is not well, where none is named (%j)',
  (name) => {
    const script = join(import.meta.dirname, 's3-store.ts');
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script], {
      ...{ encoding: 'utf8', timeout: 60_000 },
      env: { ...process.env, GOSHAWK_S3_ENDPOINT: name },
    });
    expect(stderr).toContain('GOSHAWK_S3_ENDPOINT');
    expect(status).toBe(2);
  },
);
