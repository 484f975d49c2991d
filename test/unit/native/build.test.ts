import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { nativeSources } from '../../../deploy/package/parts.ts';
import { buildReport, kernelPath } from '../../../native/index.ts';
import { titled } from '../../conformance/native-build.ts';

const native = path.join(import.meta.dirname, '../../../native');

const kernel = buildReport().find(({ name }) => name === 'cuda letterbox');
const noNvcc = kernel?.state === 'skipped' || kernel === undefined ? 'there is no nvcc' : undefined;

/** The folder somewhere else, without what was built in it. */
function copyOfNative(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'goshawk-native-'));
  for (const name of nativeSources) {
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
    expect(stdout).toContain('sudo apt-get install g++');
    expect(stdout).toContain('Goshawk runs without it');
    const report = JSON.parse(readFileSync(path.join(folder, 'native/build/report.json'), 'utf8'));
    expect(report.items).toEqual([expect.objectContaining({ name: 'addon', state: 'skipped' })]);
    expect(build(folder, '--required').status).toBe(1);
    rmSync(folder, { recursive: true });
  });

  it('that is interrupted says so, and not that there was none', async () => {
    const folder = copyOfNative();
    const write = (file: string, text: string) => {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text, { mode: 0o755 });
    };
    write('native/node_modules/node-addon-api/package.json', '{}');
    write('native/node_modules/node-api-headers/package.json', '{}');
    const began = path.join(folder, 'began');
    // Comes to no end, and goes when the build is gone.
    write(
      'bin/g++',
      `#!${process.execPath}
       require('fs').writeFileSync(${JSON.stringify(began)}, '');
       const parent = process.ppid;
       setInterval(() => process.ppid === parent || process.exit(), 50);`,
    );
    const child = spawn(process.execPath, [path.join(folder, 'native/build.mjs')], {
      env: { PATH: path.join(folder, 'bin') },
      stdio: 'ignore',
    });
    await vi.waitFor(() => expect(existsSync(began)).toBe(true), { timeout: 25_000 });
    child.kill('SIGKILL');
    await once(child, 'close');
    const { items } = JSON.parse(readFileSync(path.join(folder, 'native/build/report.json'), 'utf8'));
    expect(items[0]).toEqual({
      name: 'addon',
      state: 'failed',
      detail: 'its build was interrupted',
      remedy: 'Run the build again.',
    });
    rmSync(folder, { recursive: true });
  });

  it('tells of every part of this machine that it was compiled, or what is missing for it', () => {
    const items = buildReport();
    for (const { name, state, detail, remedy } of items) {
      // "failed" would be code that does not compile although everything for it is here.
      expect([name, state]).toEqual([name, expect.stringMatching(/^(compiled|skipped)$/)]);
      expect(detail).toMatch(/\w/);
      if (state === 'skipped') expect(remedy).toMatch(/\w/);
    }
    if (items.some(({ name, state }) => name === 'addon' && state === 'compiled'))
      expect(items.map(({ name }) => name)).toEqual([
        'addon',
        'isolation',
        'reference',
        'onnxruntime',
        'tensorrt',
        'dds',
        'fastdds',
        'gstreamer',
        'cuda letterbox',
      ]);
  });

  it.skipIf(noNvcc !== undefined)(
    titled("compiles the letterbox of the GPU for Orin's sm_87 and Thor's sm_110", noNvcc),
    () => {
      expect(kernel).toMatchObject({ state: 'compiled', detail: 'for sm_87, sm_110' });
      const file = kernelPath();
      expect(file).toBeDefined();
      // A fat binary of CUDA begins with this number.
      expect(readFileSync(file ?? '').readUInt32LE(0)).toBe(0xba55ed50);
    },
  );
});
