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

  const cross = 'aarch64-linux-gnu-g++';
  const emulator = 'qemu-aarch64-static';
  const installed = [cross, emulator].every((name) => spawnSync(name, ['--version']).status === 0);
  const without =
    installed || process.arch === 'arm64' ? '' : ` (skipped: ${cross} or ${emulator} is not installed)`;
  it.skipIf(!installed)(`give the same bits with NEON${without}`, { timeout: 400_000 }, () => {
    const { status, stdout } = spawnSync(process.execPath, [script, 'none', '60', '100'], {
      encoding: 'utf8',
      env: { ...process.env, CXX: cross, RUNNER: `${emulator} -L /usr/aarch64-linux-gnu` },
    });
    expect(stdout).toContain('with neon');
    expect(status).toBe(0);
  });
});

describe('The Fast DDS endpoints in C++', () => {
  const endpoints = path.join(import.meta.dirname, '../../native/test/fastdds/run.mjs');
  it('run clean under the address sanitizer', { timeout: 400_000 }, ({ skip }) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [endpoints], { encoding: 'utf8' });
    if (status === 77) skip(stderr.trim());
    expect(`${stderr}${stdout}`).toMatch(/(^|\n)ok\n$/);
    expect(status).toBe(0);
  });
});

describe('Importing pictures for CUDA in C++', () => {
  const imports = path.join(import.meta.dirname, '../../native/test/cuda/run.mjs');
  it('runs clean under the address sanitizer, against stand-ins for the driver and a Jetson', {
    timeout: 400_000,
  }, ({ skip }) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [imports], { encoding: 'utf8' });
    if (status === 77) skip(stderr.trim());
    expect(`${stderr}${stdout}`).toMatch(/(^|\n)ok\n$/);
    expect(status).toBe(0);
  });
});
