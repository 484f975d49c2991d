import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TimeSync } from '../../../../src/adapters/system/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const nobody = async () => {
  throw new Error('no timedatectl');
};

describe('Whether NTP keeps the clock', () => {
  it.each([
    ['timedatectl says so', async () => 'yes\n', true],
    ['timedatectl says no', async () => 'no\n', false],
    ['nobody can say', nobody, false],
  ])('is known: %s', async (_, ask, synchronised) => {
    const sync = new TimeSync(temporaryFolder(), ask);
    await sync.refresh();
    expect(sync.isSynchronised()).toBe(synchronised);
  });

  it('is known by the file of systemd-timesyncd, without a process', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'run/systemd/timesync'), { recursive: true });
    writeFileSync(join(root, 'run/systemd/timesync/synchronized'), '');
    const sync = new TimeSync(root, nobody);
    await sync.refresh();
    expect(sync.isSynchronised()).toBe(true);
  });
});
