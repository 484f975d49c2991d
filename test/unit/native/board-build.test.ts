import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nativeSources } from '../../../deploy/package/parts.ts';

const project = join(import.meta.dirname, '../../..');

describe('The build on a board', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-board-test-'));
    // As the package lays it down.
    for (const name of nativeSources)
      cpSync(join(project, 'native', name), join(folder, 'native', name), { recursive: true });
    symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
    write('package.json', '{"version": "1.2.3"}');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const out = () => join(folder, 'out');
  function build(environment: Record<string, string> = {}) {
    return spawnSync(process.execPath, [join(folder, 'native/build.mjs'), `--board=${out()}`], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', TMPDIR: folder, ...environment },
    });
  }
  function write(path: string, content = ''): string {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    return join(folder, path);
  }
  /** A compiler that does what its script says, and headers of everything that it is to compile against. */
  function board(script: string): Record<string, string> {
    const compiler = write('compiler', `#!/bin/sh\n${script}\n`);
    chmodSync(compiler, 0o755);
    write('tensorrt/NvInfer.h');
    write('cuda/include/cuda.h');
    write('cyclone/include/dds/ddsi/ddsi_serdata.h');
    write('cyclone/include/dds/version.h', '#define DDS_VERSION "0.10.5"\n');
    write('fast/include/fastdds/rtps/RTPSDomain.h');
    write('fast/include/fastrtps/config.h', '#define FASTRTPS_VERSION_STR "2.6.9"\n');
    write('gstreamer/gst/app/gstappsink.h');
    write('gstreamer/gst/video/video.h');
    return {
      CXX: compiler,
      GOSHAWK_TENSORRT_INCLUDE: join(folder, 'tensorrt'),
      GOSHAWK_CUDA_HOME: join(folder, 'cuda'),
      GOSHAWK_CUDA_ARCHS: 'none',
      GOSHAWK_CYCLONEDDS_INCLUDE: join(folder, 'cyclone/include'),
      GOSHAWK_FASTDDS_INCLUDE: join(folder, 'fast/include'),
    };
  }
  /** Makes what comes after `-o`. */
  const works = 'for last; do [ "$before" = -o ] && echo so >"$last"; before=$last; done';
  const report = () => JSON.parse(readFileSync(join(out(), 'report.json'), 'utf8'));

  it('says what is missing and how to get it', () => {
    const { status, stdout } = build({ PATH: folder });
    expect(status).toBe(4);
    expect(stdout).toContain('there is no C++ compiler. On Debian or Ubuntu: sudo apt-get install g++');
    expect(existsSync(out())).toBe(false);
  });

  it('says why a part does not compile, and leaves nothing half made', () => {
    const { status, stdout } = build(board('echo "NvInfer.h:7: error: no version of ours" >&2; exit 1'));
    expect(status).toBe(1);
    expect(stdout).toContain('tensorrt        failed: it does not compile: NvInfer.h:7: error');
    expect(readdirSync(out())).toEqual(['build.log']);
    expect(readdirSync(folder)).not.toContainEqual(expect.stringMatching('goshawk-native-'));
  });

  it('compiles TensorRT, DDS and GStreamer into the folder where the agent looks, and says for which version', () => {
    const { status, stdout } = build(board(works));
    expect(stdout).toContain(`dds             compiled: against ${join(folder, 'cyclone/include')}`);
    expect(stdout).toContain(
      `fastdds         compiled: against Fast DDS 2.6.9 in ${join(folder, 'fast/include')}`,
    );
    expect(status).toBe(0);
    const files = readdirSync(out());
    expect(files).toEqual(
      expect.arrayContaining(['goshawk_dds.node', 'goshawk_fastdds.node', 'goshawk_tensorrt.so']),
    );
    // What came compiled is not compiled again.
    expect(files).not.toContain('goshawk.node');
    expect(report().items).toContainEqual(
      expect.objectContaining({ name: 'dds', state: 'compiled', version: '1.2.3' }),
    );
  });

  it('leaves what it can’t build again where it is, with the version that it was built for', () => {
    expect(build(board(works)).status).toBe(0);
    write('package.json', '{"version": "1.2.4"}');
    const second = build(
      board(`case "$*" in *src/dds/cyclone*) echo 'error: no more' >&2; exit 1;; esac; ${works}`),
    );
    expect(second.stdout).toContain('dds             failed: it does not compile: error: no more');
    expect(readdirSync(out())).toContain('goshawk_dds.node');
    const versions = report().items.map((item: { name: string; version: string }) => [
      item.name,
      item.version,
    ]);
    expect(versions).toContainEqual(['dds', '1.2.3']);
    expect(versions).toContainEqual(['tensorrt', '1.2.4']);
  });
});
