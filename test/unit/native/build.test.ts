import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const native = path.join(import.meta.dirname, '../../../native');

/** The folder somewhere else, without what was built in it. */
function copyOfNative(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'goshawk-native-'));
  for (const name of ['binding.gyp', 'build.mjs', 'src', 'plugins']) {
    cpSync(path.join(native, name), path.join(folder, 'native', name), { recursive: true });
  }
  mkdirSync(path.join(folder, 'bin'));
  symlinkSync(process.execPath, path.join(folder, 'bin/node'));
  return folder;
}

const build = (folder: string, ...flags: string[]) =>
  spawnSync(process.execPath, [path.join(folder, 'native/build.mjs'), ...flags], {
    encoding: 'utf8',
    env: { PATH: path.join(folder, 'bin') },
  });

describe('The build of the native data plane', () => {
  it('says in words what is missing where there is no compiler, and fails only when it is required', () => {
    const folder = copyOfNative();
    const { status, stdout } = build(folder);
    expect(status).toBe(0);
    expect(stdout).toContain('addon           skipped: there is no C++ compiler.');
    expect(stdout).toContain('sudo apt-get install g++ make python3');
    expect(stdout).toContain('Goshawk runs without it');
    const report = JSON.parse(readFileSync(path.join(folder, 'native/build/report.json'), 'utf8'));
    expect(report.items).toEqual([expect.objectContaining({ name: 'addon', state: 'skipped' })]);
    expect(build(folder, '--required').status).toBe(1);
    rmSync(folder, { recursive: true });
  });
});
