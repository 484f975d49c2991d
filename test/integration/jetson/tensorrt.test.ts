import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { titled } from '../../conformance/native-build.ts';
import { FakeL4t } from '../../fakes/fake-l4t.ts';
import { BoardRoot, commandOf, noBoardRoot } from '../../fixtures/board-root.ts';
import { run, why } from './scripts.ts';

const missing = why('dpkg-deb') ?? noBoardRoot;
const place = 'usr/local/share/goshawk-tensorrt';
const later = expect.stringContaining('Tried again in 5 minutes');

/** The service that follows the first start: apt and the compiler are stand-ins, which fail where a file says so. */
describe.skipIf(missing !== undefined)(titled('TensorRT on a board', missing), () => {
  let tree: FakeL4t;
  let board: BoardRoot;

  beforeEach(() => {
    tree = FakeL4t.applied();
    board = new BoardRoot(tree.rootfs);
    for (const name of ['dpkg', 'sync', 'systemctl', 'systemd-notify']) board.program(name);
    board.program('goshawk', 'echo "goshawk_tensorrt.so: compiled"; [ ! -e /broken-headers ]');
    // Debian's apt-get ends its update with 0 also where it reached nothing.
    board.program(
      'apt-get',
      `[ "$1" = install ] || exit 0
       [ ! -e /full-disk ] || { echo "E: You don't have enough free space" >&2; exit 100; }
       mkdir -p /usr/include/aarch64-linux-gnu && touch /usr/include/aarch64-linux-gnu/NvInfer.h`,
    );
    board.program('apt-cache', '[ ! -e /offline ]');
  });
  afterEach(() => tree.close());

  function layDown(...more: string[]): void {
    const ran = run('overlay.sh', [...['--l4t', tree.l4t, '--package', tree.deb(), '--insecure'], ...more]);
    expect(ran.code, ran.stderr).toBe(0);
  }
  const start = () => board.run(commandOf(board.read('etc/systemd/system/goshawk-tensorrt.service')));
  const asked = (program: string) => board.calls().filter((call) => call.startsWith(`${program} `));

  it('is installed with a compiler, the plugin is compiled, the agent starts with it, and each step is said', () => {
    layDown();
    const ran = start();
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout.match(/\d of 3: .+/g)).toEqual([
      '1 of 3: installing nvidia-jetpack g++; this takes gigabytes',
      '2 of 3: compiling the plugin',
      '3 of 3: starting the agent with TensorRT',
    ]);
    expect(asked('apt-get').at(-1)).toMatch(/^apt-get install --yes .*nvidia-jetpack g\+\+$/);
    expect(board.calls().filter((call) => /^(goshawk|systemctl)/.test(call))).toEqual([
      'goshawk native build',
      'systemctl restart goshawk-agent.service',
      'systemctl disable goshawk-tensorrt.service',
    ]);
    expect(board.calls()).toContain('systemd-notify --status=2 of 3: compiling the plugin');
    expect(board.has(place)).toBe(false);
    expect(start()).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing is to be done') });
  });

  it('waits for a network, says so, and is tried again by the service', () => {
    layDown();
    board.write('offline', '');
    expect(start()).toMatchObject({ code: 1, stdout: later });
    expect(start().stdout).toMatch(/nvidia-jetpack is not to be had: is this board offline\?/);
    tree.remove('Linux_for_Tegra/rootfs/offline');
    expect(board.read('etc/systemd/system/goshawk-tensorrt.service')).toMatch(/^Restart=on-failure$/m);
    expect(start().code).toBe(0);
  });

  it('waits until NVIDIA’s first start has written the chip into apt’s list', () => {
    layDown();
    const list = 'etc/apt/sources.list.d/nvidia-l4t-apt-source.list';
    board.write(list, 'deb https://nvidia.example/jetson/<SOC> r36.4 main\n');
    expect(start()).toMatchObject({ code: 1, stdout: expect.stringContaining('does not name the chip') });
    expect(asked('apt-get')).toEqual([]);
    board.write(list, 'deb https://nvidia.example/jetson/t234 r36.4 main\n');
    expect(start().code).toBe(0);
  });

  it('waits for the agent', () => {
    layDown();
    tree.remove('Linux_for_Tegra/rootfs/usr/local/bin/goshawk');
    expect(start()).toMatchObject({ code: 1, stdout: expect.stringContaining('not installed yet') });
  });

  it('says what is free where a disk is full', () => {
    layDown();
    board.write('full-disk', '');
    board.program('df', 'printf "Filesystem\\n/dev/nvme0n1p1 58000000 55000000 3145728 95%% /\\n"');
    expect(start()).toMatchObject({ code: 1, stdout: expect.stringContaining('3 GB of the disk are free') });
  });

  it('is not compiled again and again against headers that do not fit', () => {
    layDown();
    board.write('broken-headers', '');
    expect(start()).toMatchObject({ code: 2, stdout: expect.stringContaining('sudo goshawk native build') });
    expect(board.read('etc/systemd/system/goshawk-tensorrt.service')).toMatch(
      /^RestartPreventExitStatus=2$/m,
    );
    expect(board.has(place)).toBe(true);
  });

  it('is installed from packages that came along, without a network', () => {
    board.write('offline', '');
    for (const name of ['libnvinfer-dev', 'libnvonnxparsers-dev', 'g++']) {
      tree.write(`debs/${name}_1_arm64.deb`, name);
    }
    layDown('--tensorrt', join(tree.folder, 'debs'));
    expect(start().code).toBe(0);
    expect(asked('apt-get')).toEqual([expect.stringContaining(`/${place}/libnvinfer-dev_1_arm64.deb`)]);
  });

  it('is not installed a second time where a person was faster', () => {
    layDown();
    board.write('usr/include/aarch64-linux-gnu/NvInfer.h', '');
    board.program('g++');
    expect(start().code).toBe(0);
    expect(asked('apt-get')).toEqual([]);
    expect(asked('goshawk')).toEqual(['goshawk native build']);
  });

  it('comes after multi-user.target, as what makes NVIDIA’s root file system larger does, and holds up nothing', () => {
    layDown();
    const unit = board.read('etc/systemd/system/goshawk-tensorrt.service');
    expect(/^After=(.*)$/m.exec(unit)?.[1]?.split(' ')).toEqual(
      expect.arrayContaining(['multi-user.target', 'nvfb.service', 'nv-late-init.service']),
    );
    expect(unit).toMatch(/^WantedBy=multi-user\.target$/m);
  });
});
