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

/** Each builds a program and runs it under the address sanitizer. */
describe.each([
  ['The Fast DDS endpoints in C++', 'fastdds'],
  ['Importing pictures for CUDA, against stand-ins for the driver and a Jetson,', 'cuda'],
  ['The plugin for TensorRT, against stand-ins of 8.6, 10.3, 10.13 and 11.1,', 'tensorrt'],
])('%s', (_, folder) => {
  const program = path.join(import.meta.dirname, '../../native/test', folder, 'run.mjs');
  it('runs clean under the address sanitizer', { timeout: 400_000 }, ({ skip }) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
    if (status === 77) skip(stderr.trim());
    expect(`${stderr}${stdout}`).toMatch(/(^|\n)ok\n$/);
    expect(status).toBe(0);
  });
});
