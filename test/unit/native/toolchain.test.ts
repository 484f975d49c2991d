import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildCommand, nativeBuild } from '../../../native/index.ts';
import {
  cycloneDds,
  fastDds,
  kernelArguments,
  libraryFolder,
  portableFastDds,
  rosFolders,
} from '../../../native/toolchain.mjs';
import { placeOf } from '../../../src/platform/index.ts';

describe('What native parts are compiled with', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'goshawk-toolchain-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function write(file: string, text = ''): string {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
    return path.join(root, file);
  }

  function cyclone(include: string, version?: string): string {
    write(`${include}/dds/ddsi/ddsi_serdata.h`);
    if (version !== undefined) write(`${include}/dds/version.h`, `#define DDS_VERSION "${version}"\n`);
    return path.join(root, include);
  }

  const find = (env: Record<string, string> = {}) => cycloneDds({ env, root, arch: 'arm64' });

  describe('Cyclone DDS', () => {
    it('is not here', () => {
      expect(find()).toBeUndefined();
    });

    it('is Debian’s, which the linker finds by itself', () => {
      const include = cyclone('usr/include', '0.10.5');
      write('usr/lib/aarch64-linux-gnu/libddsc.so');
      expect(find()).toEqual({ include, library: undefined });
    });

    it('is not that of Ubuntu 22.04, whose headers have the same names and another content', () => {
      cyclone('usr/include', '0.8.2');
      expect(find()).toEqual({
        problem: expect.stringMatching(/^Cyclone DDS 0\.8\.2 in .*usr\/include is not 0\.10/),
      });
    });

    it.each(['0.9.1', '0.11.0', '1.10.0', undefined])('is not version %s', (version) => {
      cyclone('usr/include', version);
      expect(find()?.problem).toContain(version ?? 'of no known version');
    });

    it('is that of ROS 2 where Ubuntu’s own is too old, with the folder of its library', () => {
      cyclone('usr/include', '0.8.2');
      const include = cyclone('opt/ros/humble/include', '0.10.5');
      write('opt/ros/humble/lib/aarch64-linux-gnu/libddsc.so');
      const library = path.join(root, 'opt/ros/humble/lib/aarch64-linux-gnu');
      expect(find()).toEqual({ include, library });
    });

    it('is found in a folder of its own below those of ROS 2', () => {
      const include = cyclone('opt/ros/jazzy/include/cyclonedds', '0.10.5');
      write('opt/ros/jazzy/lib/libddsc.so');
      expect(find()).toEqual({ include, library: path.join(root, 'opt/ros/jazzy/lib') });
    });

    it('is the one that is named, before all others', () => {
      cyclone('usr/include', '0.10.5');
      const include = cyclone('home/me/cyclone/include', '0.10.4');
      write('home/me/cyclone/lib/libddsc.so');
      const named = find({ GOSHAWK_CYCLONEDDS_INCLUDE: include });
      expect(named).toEqual({ include, library: path.join(root, 'home/me/cyclone/lib') });
    });
  });

  it('takes the ROS 2 that was sourced before the newest that is installed', () => {
    for (const name of ['humble', 'kilted', 'jazzy'])
      mkdirSync(path.join(root, 'opt/ros', name), { recursive: true });
    const env = { AMENT_PREFIX_PATH: `${path.join(root, 'ws/install')}:${path.join(root, 'opt/ros/jazzy')}` };
    const short = (folders: readonly string[]) => folders.map((folder) => path.relative(root, folder));
    expect(short(rosFolders({ env, root }))).toEqual([
      'ws/install',
      'opt/ros/jazzy',
      'opt/ros/kilted',
      'opt/ros/humble',
    ]);
    expect(short(rosFolders({ env: {}, root: path.join(root, 'nowhere') }))).toEqual([]);
  });

  describe('Fast DDS', () => {
    const find = (env: Record<string, string> = {}) => fastDds({ env, root, arch: 'arm64' });

    function fast3(include: string, version: string, config = include): string {
      write(`${include}/fastdds/rtps/RTPSDomain.hpp`);
      write(`${config}/fastdds/config.hpp`, `#define FASTDDS_VERSION_STR "${version}"\n`);
      return path.join(root, include);
    }

    function fast2(include: string, version: string): string {
      write(`${include}/fastdds/rtps/RTPSDomain.h`);
      write(`${include}/fastrtps/config.h`, `#define FASTRTPS_VERSION_STR "${version}"\n`);
      return path.join(root, include);
    }

    it('is not here', () => {
      expect(find()).toBeUndefined();
    });

    it('is Debian’s, which says its version in a folder of the processor', () => {
      const include = fast3('usr/include', '3.1.2', 'usr/include/aarch64-linux-gnu');
      expect(find()).toEqual({ include, major: 3, version: '3.1.2', library: undefined });
    });

    it.each([
      ['kilted', fast3, '3.2.3', 3, 'libfastdds.so'],
      ['jazzy', fast2, '2.14.4', 2, 'libfastrtps.so'],
      ['humble', fast2, '2.6.10', 2, 'libfastrtps.so'],
    ] as const)(
      'is that of %s, with its version and the folder of its library',
      (name, make, version, major, library) => {
        const include = make(`opt/ros/${name}/include`, version);
        write(`opt/ros/${name}/lib/${library}`);
        const folder = path.join(root, 'opt/ros', name, 'lib');
        expect(find()).toEqual({ include, major, version, library: folder });
        expect(find({ AMENT_PREFIX_PATH: path.join(root, 'opt/ros', name) })).toEqual(find());
      },
    );

    it.each(['3.2.3', '3.10.1', '3.x'])(
      'is for a package not %s: its library has another name',
      (version) => {
        const include = fast3('usr/include', version === '3.x' ? '' : version);
        const problem = `Fast DDS ${version} in ${include} is not 3.1, which a package is built with`;
        expect(portableFastDds(find())).toEqual({ problem });
      },
    );

    it.each(['2.14.4', '2.6.10'])('is for a package Debian’s, and not %s', (version) => {
      fast2('opt/ros/some/include', version);
      expect(portableFastDds(find())).toEqual({
        problem: expect.stringContaining(`Fast DDS ${version} in `),
      });
      fast3('usr/include', '3.1.2');
      expect(portableFastDds(find())).toMatchObject({ major: 3, version: '3.1.2' });
      expect(portableFastDds(undefined)).toBeUndefined();
      expect(portableFastDds({ problem: 'too old' })).toEqual({ problem: 'too old' });
    });

    it('is not 4, though its headers lie where those of 3 do', () => {
      const include = fast3('usr/include', '4.0.0');
      expect(find()).toEqual({
        problem: `Fast DDS 4.0.0 in ${include} is neither 2.6, 2.14 nor 3, which the addon is written for`,
      });
    });

    it.each(['2.60.1', '2.11.2', '2.1.4', '2.5.1', '2.7.0', '2.140.0'])(
      'is not %s, whose structures are others than those of 2.6 and 2.14',
      (version) => {
        fast2('opt/ros/some/include', version);
        expect(find()).toEqual({
          problem: expect.stringMatching(
            `^Fast DDS ${version} in .*opt/ros/some/include is neither 2.6, 2.14 nor 3, which the addon is written for`,
          ),
        });
      },
    );

    it('is a newer one where the first that is found is too old', () => {
      fast2('usr/include', '2.11.2');
      const include = fast2('opt/ros/jazzy/include', '2.14.4');
      expect(find()).toMatchObject({ include, major: 2 });
    });

    it('is the one that is named, before all others', () => {
      fast3('usr/include', '3.1.2');
      const include = fast2('home/me/fast/include', '2.14.4');
      expect(find({ GOSHAWK_FASTDDS_INCLUDE: include })).toMatchObject({ include, major: 2 });
    });
  });

  it('names no folder of a library that is nowhere beside its headers', () => {
    expect(libraryFolder(path.join(root, 'x/include'), 'libddsc.so', { root })).toBeUndefined();
  });
});

describe('The letterbox for GPUs', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'goshawk-nvcc-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A compiler that knows these GPUs. */
  function nvcc(...gpus: string[]): string {
    const file = path.join(folder, 'nvcc');
    writeFileSync(file, `#!/bin/sh\necho ${gpus.join(' ')}\n`, { mode: 0o755 });
    return file;
  }

  it.each([
    ['JetPack 5', ['sm_72', 'sm_87'], ['72', '87']],
    ['JetPack 6', ['sm_72', 'sm_75', 'sm_87'], ['72', '87']],
    ['CUDA 13, which knows Xavier no more', ['sm_75', 'sm_87', 'sm_110'], ['87', '110']],
  ])('is compiled for the boards that the compiler knows: %s', (_, gpus, archs) => {
    const call = kernelArguments(nvcc(...gpus), folder, 'out');
    expect(call.archs).toEqual(archs);
    expect(call.args).toContain(`arch=compute_${archs[0]},code=compute_${archs[0]}`);
  });

  it('is not compiled by one that knows none of them, and says which', () => {
    expect(kernelArguments(nvcc('sm_50'), folder, 'out').problem).toContain('sm_72, sm_87, sm_110');
  });
});

describe('What a person types to compile them', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'goshawk-installation-'));
    mkdirSync(path.join(folder, 'native'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    ['checkout', ['tsconfig.json'], 'npm run build:native', []],
    ['npm', [], 'goshawk native build', []],
    ['debian', ['bin/node'], 'sudo goshawk native build', ['--board=/usr/local/lib/goshawk']],
  ] as const)('is that of the installation: %s', (kind, files, command, flags) => {
    mkdirSync(path.join(folder, 'bin'));
    for (const file of files) writeFileSync(path.join(folder, file), '');
    expect(placeOf(folder)).toBe(kind);
    expect(buildCommand(folder)).toBe(command);
    expect(nativeBuild(folder)).toEqual([path.join(folder, 'native/build.mjs'), ...flags]);
  });

  it('is that of a checkout here', () => {
    expect(buildCommand()).toBe('npm run build:native');
  });
});
