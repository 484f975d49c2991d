import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = join(import.meta.dirname, '../../../native/build-plugin.mjs');

describe('The build of the TensorRT plugin on a board', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-plugin-test-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function build(environment: Record<string, string>) {
    return spawnSync(process.execPath, [script, join(folder, 'out')], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', ...environment },
    });
  }
  function header(path: string, content = ''): string {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    return join(folder, path);
  }

  it('says what is missing and how to get it', () => {
    const { status, stdout } = build({ PATH: folder });
    expect(status).toBe(4);
    expect(stdout).toContain('There is no C++ compiler.\nsudo apt-get install g++');
  });

  it('says why the plugin does not compile, and leaves nothing half made', () => {
    const compiler = header(
      'fails',
      '#!/bin/sh\necho "NvInfer.h:7: error: no version of ours" >&2\nexit 1\n',
    );
    spawnSync('chmod', ['+x', compiler]);
    header('tensorrt/NvInfer.h');
    header('cuda/include/cuda.h');
    const { status, stdout } = build({
      CXX: compiler,
      GOSHAWK_TENSORRT_INCLUDE: join(folder, 'tensorrt'),
      GOSHAWK_CUDA_HOME: join(folder, 'cuda'),
    });
    expect(status).toBe(1);
    expect(stdout).toContain('does not compile against');
    expect(readdirSync(folder)).not.toContain('out');
  });

  it('puts what was compiled where the agent looks', () => {
    spawnSync('chmod', [
      '+x',
      header('works', '#!/bin/sh\nfor last; do [ "$before" = -o ] && echo so >"$last"; before=$last; done\n'),
    ]);
    header('tensorrt/NvInfer.h');
    header('cuda/include/cuda.h');
    const { status, stdout } = build({
      PATH: '/usr/bin:/bin',
      CXX: join(folder, 'works'),
      GOSHAWK_TENSORRT_INCLUDE: join(folder, 'tensorrt'),
      GOSHAWK_CUDA_HOME: join(folder, 'cuda'),
      GOSHAWK_CUDA_ARCHS: 'none',
    });
    expect(stdout).toContain('goshawk_tensorrt.so: compiled against');
    expect(status).toBe(0);
    expect(readdirSync(join(folder, 'out'))).toEqual(['goshawk_tensorrt.so']);
  });
});
