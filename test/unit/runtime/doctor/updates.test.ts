import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkUpdates } from '../../../../src/runtime/doctor/updates.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const kind = { format: 'deb', name: 'goshawk-agent', architecture: 'amd64' } as const;

describe('What doctor says of updates of the agent', () => {
  it('is why there are none here', async () => {
    expect(await checkUpdates({ rootFile: '/nothing', kind }, () => 'It is a container.')).toMatchObject({
      ...{ state: 'absent', detail: 'It is a container.' },
      remedy: expect.stringContaining('docs/updates.md'),
    });
  });

  it('is that the machine has no root of its own, or one that others can write', async () => {
    const file = join(temporaryFolder(), 'root.json');
    const here = () => checkUpdates({ rootFile: file, kind }, () => undefined);
    expect(await here()).toMatchObject({ state: 'absent', remedy: expect.stringContaining('as root') });
    writeFileSync(file, '{}');
    chmodSync(file, 0o666);
    expect(await here()).toMatchObject({
      state: 'broken',
      remedy: expect.stringContaining('chown root:root'),
    });
  });
});
