import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { mappedFiles, removeLeftSegments } from './left-segments.ts';
import { removeLeftFolders } from './run-folder.ts';

describe('A run of the tests', () => {
  it('has a separate temporary folder, which is deleted with the remains of killed programs', () => {
    expect(tmpdir()).toBe(process.env.GOSHAWK_TEST_RUN);
    expect(temporaryFolder()).toContain(`${tmpdir()}/`);
    expect(statSync(tmpdir()).mode & 0o7777).toBe(0o1777);
  });

  it('removes the folders of runs that were killed, and no other', () => {
    const place = temporaryFolder();
    // No process has such a number.
    for (const name of ['gt-99999999-abc', `gt-${process.pid}-abc`, 'gt-x', 'others'])
      mkdirSync(join(place, name));
    writeFileSync(join(place, 'gt-99999999-abc', 'left'), 'x');
    removeLeftFolders(place);
    expect(readdirSync(place).sort()).toEqual([`gt-${process.pid}-abc`, 'gt-x', 'others'].sort());
  });

  it('removes only shared memory of Fast DDS that no process has mapped or locked', async () => {
    const folder = temporaryFolder();
    const names = ['fastdds_1', 'fastdds_1_el', 'fastdds_port7', 'sem.fastdds_port7_mutex'];
    const kept = [
      ...['fastdds_2', 'fastdds_2_el', 'fastdds_port8', 'sem.fastdds_port8_mutex', 'others', 'sem.others'],
      'fastdds_young',
    ];
    for (const name of [...names, ...kept]) {
      writeFileSync(join(folder, name), '');
      if (name !== 'fastdds_young') utimesSync(join(folder, name), 1, 1);
    }
    const holder = spawn('flock', [
      '--no-fork',
      join(folder, 'fastdds_2_el'),
      'sh',
      '-c',
      'echo held; exec sleep 600',
    ]);
    onTestFinished(() => void holder.kill());
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    removeLeftSegments(folder, () => new Set([join(folder, 'fastdds_port8')]));
    expect(readdirSync(folder).sort()).toEqual(kept.sort());
    expect(mappedFiles()).toContain(process.execPath);
  });

  it('tries the same cases of a property each time, unless it is told another seed', () => {
    const { GOSHAWK_SEED: seed = '1' } = process.env;
    expect(fc.readConfigureGlobal().seed).toBe(seed === 'random' ? undefined : Number(seed));
  });
});
