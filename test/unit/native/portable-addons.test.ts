import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readElf } from '../../../deploy/package/elf.ts';
import { stubLibraries } from '../../../native/compile.mjs';
import { linkArguments, targets } from '../../../native/targets.mjs';
import { titled } from '../../conformance/native-build.ts';

const compilers = [
  ['x64', 'x86_64-linux-gnu-g++'],
  ['arm64', 'aarch64-linux-gnu-g++'],
] as const;
const headers = { fastdds: { include: '/none', major: 3 }, cyclonedds: { include: '/none' }, gstreamer: [] };
const libraries = {
  dds: ['libddsc.so.0debian'],
  fastdds: ['libfastcdr.so.2', 'libfastdds.so.3.1'],
  gstreamer: [
    ...['libgstapp-1.0.so.0', 'libgstallocators-1.0.so.0', 'libgstvideo-1.0.so.0', 'libgstreamer-1.0.so.0'],
    ...['libgobject-2.0.so.0', 'libglib-2.0.so.0'],
  ],
};

for (const [arch, compiler] of compilers) {
  const missing =
    spawnSync(compiler, ['--version']).status === 0 ? undefined : `${compiler} is not installed`;
  describe.skipIf(missing !== undefined)(titled(`A portable addon for ${arch}`, missing), () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'goshawk-portable-'));
      mkdirSync(join(folder, 'work'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it.each(Object.entries(libraries))(
      'names its libraries although it was linked against empty ones: %s',
      async (name, wanted) => {
        const { stubs } = await stubLibraries(compiler, join(folder, 'work'));
        const source = join(folder, 'empty.cc');
        writeFileSync(source, 'extern "C" void dds_write(); void use() { dds_write(); }\n');
        execFileSync(compiler, ['-fPIC', '-c', source, '-o', join(folder, 'empty.o')]);
        const target = targets[name as keyof typeof libraries](headers);
        const file = join(folder, target.file);
        const options = { portable: true, stubs: stubs ?? '' };
        execFileSync(compiler, linkArguments(target, [join(folder, 'empty.o')], file, options), {
          cwd: join(import.meta.dirname, '../../../native'),
        });
        expect(readElf(readFileSync(file)).libraries).toEqual(expect.arrayContaining(wanted));
      },
    );
  });
}
