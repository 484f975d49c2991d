import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentBlock, firstSlots } from '../../../../src/image/index.ts';

/* The script that RAUC asks on a board, with a folder in the place of the EFI system partition. */

const script = readFileSync('deploy/image/root/usr/lib/goshawk-image/slots', 'utf8');
let folder = '';
const file = () => join(folder, 'EFI/goshawk/slots.env');

function slots(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(join(folder, 'slots'), args, { encoding: 'utf8' });
  return { status, said: stdout.trim(), stderr };
}

const values = () =>
  Object.fromEntries(
    readFileSync(file(), 'utf8')
      .split('\n')
      .filter((line) => line.includes('=') && !line.startsWith('#'))
      .map((line) => line.split('=')),
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-slots-'));
  mkdirSync(join(folder, 'EFI/goshawk'), { recursive: true });
  writeFileSync(file(), environmentBlock(firstSlots));
  const here = script
    .replace('folder=/run/goshawk-image/esp', `folder=${folder}`)
    .replaceAll('/run/goshawk-image/slots.lock', join(folder, 'lock'))
    .replace(/^ {2}mount -t vfat.*$/m, '')
    .replace(/^ {2}trap .*$/m, '');
  // Every line that would touch this machine is out.
  expect(here).not.toMatch(/^\s*(mount|umount) /m);
  writeFileSync(join(folder, 'slots'), here);
  chmodSync(join(folder, 'slots'), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('What the boot loader knows of the slots', () => {
  it('is that of a new image at first', () => {
    expect(slots('get-primary')).toMatchObject({ status: 0, said: 'A' });
    expect(slots('get-state', 'A').said).toBe('good');
    expect(slots('get-state', 'B').said).toBe('bad');
    expect(slots('get-trial').said).toBe('none');
  });

  it('changes with an update, as RAUC does it: bad while it is written, then first with three tries', () => {
    slots('set-state', 'B', 'bad');
    expect(values()).toMatchObject({ B_OK: '0', B_LEFT: '0' });
    slots('set-primary', 'B');
    expect(values()).toEqual({ ORDER: 'B A', A_OK: '1', A_LEFT: '3', B_OK: '1', B_LEFT: '3', TRIAL: 'B' });
    expect(slots('get-trial').said).toBe('B');
    slots('set-state', 'B', 'good');
    expect(slots('get-trial').said).toBe('none');
  });

  it('goes back when the trial is found bad', () => {
    slots('set-primary', 'B');
    slots('set-state', 'B', 'bad');
    expect(slots('get-primary').said).toBe('A');
    expect(values()).toMatchObject({ TRIAL: 'none', B_OK: '0' });
  });

  it('stays in the same sector of the same file, and 1024 bytes', () => {
    const before = spawnSync('stat', ['-c', '%i %s', file()], { encoding: 'utf8' }).stdout;
    slots('set-primary', 'B');
    expect(spawnSync('stat', ['-c', '%i %s', file()], { encoding: 'utf8' }).stdout).toBe(before);
    expect(readFileSync(file(), 'utf8').replace(/#+$/, '').length).toBeLessThan(512);
    expect(readFileSync(file(), 'utf8')).toMatch(/^# GRUB Environment Block\n(.*\n)+#+$/);
  });

  it('starts over if the file is empty', () => {
    writeFileSync(file(), '\0'.repeat(1024));
    expect(slots('get-primary').said).toBe('A');
    slots('set-state', 'A', 'good');
    expect(values()).toMatchObject({ ORDER: 'A B', A_OK: '1', A_LEFT: '3', B_OK: '0' });
  });

  it.each([
    [[]],
    [['get-state', 'C']],
    [['set-state', 'A', 'fine']],
    [['set-primary', '$(reboot)']],
    [['remove']],
  ])('refuses %j and changes nothing', (args) => {
    const before = readFileSync(file(), 'utf8');
    expect(slots(...args).status).not.toBe(0);
    expect(readFileSync(file(), 'utf8')).toBe(before);
  });
});
