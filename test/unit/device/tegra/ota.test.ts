import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkOta, readTegra } from '../../../../device/tegra/index.ts';
import { decideOta } from '../../../../device/tegra/ota/decide.ts';
import { FakeJetson } from '../../../fakes/fake-jetson.ts';

let jetson: FakeJetson;
afterEach(() => jetson.close());

const check = () => checkOta({ root: jetson.root, stateFolder: 'var/lib/goshawk-agent' });
const finding = async (name: string) => (await check()).findings.find((one) => one.name === name);

describe('A board that was flashed with two root file systems', () => {
  it.each([
    ['tegra234', '36', '4.3', 'Orin', 'nvbootctrl set-active-boot-slot 1'],
    ['tegra264', '38', '2.0', 'Thor', 'nvbootctrl -t rootfs set-active-boot-slot 1'],
    ['tegra194', '35', '6.1', 'Xavier', 'nvbootctrl set-active-boot-slot 1'],
  ])('would switch: %s', async (soc, release, revision, name, command) => {
    jetson = new FakeJetson(soc, release, revision);
    const verdict = await check();
    expect(verdict.findings.filter(({ state }) => state === 'refused')).toEqual([]);
    expect(verdict).toMatchObject({ ready: true, command });
    expect(verdict.board).toContain(name);
    jetson.slots({ current: 'B' });
    expect((await check()).command).toBe(command.replace(/1$/, '0'));
  });

  it('is warned of where others saw it stay in its slot', async () => {
    jetson = new FakeJetson('tegra194', '35', '4.1');
    expect(await finding('board')).toMatchObject({ state: 'warned' });
  });
});

describe('A board that nobody looked at', () => {
  it.each([
    ['of another chip', 'tegra999', '40', /how tegra999 switches its slots is not known/],
    ['of a release before UEFI', 'tegra194', '32', /looked at were 35 to 35/],
    ['of a release that came later', 'tegra234', '99', /looked at were 35 to 39/],
  ])('is refused: %s', async (_, soc, release, words) => {
    jetson = new FakeJetson(soc, release, '1');
    const verdict = await check();
    expect(verdict).toMatchObject({ ready: false, command: undefined });
    expect(verdict.findings).toHaveLength(1);
    expect(verdict.findings[0]).toMatchObject({ name: 'board', state: 'refused' });
    expect(verdict.findings[0]?.detail).toMatch(words);
  });

  it('is refused where no L4T says its version, and where there is no UEFI', async () => {
    jetson = new FakeJetson('tegra234', '36', '4.3');
    jetson.remove('etc/nv_tegra_release');
    expect(await finding('board')).toMatchObject({ state: 'refused' });
    jetson.remove('sys/firmware/efi');
    expect((await finding('board'))?.detail).toContain('not started by UEFI');
  });

  it('is told that it is no Jetson', async () => {
    jetson = new FakeJetson('tegra234', '36', '4.3');
    jetson.write('proc/device-tree/compatible', 'raspberrypi,4-model-b\0');
    const { findings, ready } = await check();
    expect(ready).toBe(false);
    expect(findings[0]?.detail).toBe('this is no Jetson (raspberrypi,4-model-b)');
  });
});

/** What can be wrong, each alone: what is done to a good Orin, which finding tells it, and in which words. */
const faults: readonly (readonly [
  what: string,
  state: 'refused' | 'warned',
  name: string,
  words: RegExp,
  break_: (board: FakeJetson) => void,
])[] = [
  [
    'RootfsRedundancyLevel is not set',
    'refused',
    'redundancy',
    /not set/,
    (b) => b.removeVariable('RootfsRedundancyLevel'),
  ],
  [
    'RootfsRedundancyLevel is 0',
    'refused',
    'redundancy',
    /is 0/,
    (b) => b.variable('RootfsRedundancyLevel', [0, 0, 0, 0]),
  ],
  [
    'no second partition',
    'refused',
    'redundancy',
    /no partition APP_b/,
    (b) => b.remove('dev/disk/by-partlabel/APP_b'),
  ],
  [
    'a smaller second partition',
    'refused',
    'redundancy',
    /smaller/,
    (b) => b.partition('APP_b', 'nvme0n1p2', 40_000_000),
  ],
  ['no nvbootctrl', 'refused', 'slots', /not installed/, (b) => b.remove('usr/sbin/nvbootctrl')],
  [
    'nvbootctrl without the right',
    'refused',
    'slots',
    /denied/,
    (b) => b.nvbootctrl('echo denied >&2; exit 1'),
  ],
  [
    'a switch under way',
    'refused',
    'running slot',
    /in progress/,
    (b) => b.slots({ current: 'A', active: 'B' }),
  ],
  [
    'a change of the chain that waits',
    'refused',
    'running slot',
    /in progress/,
    (b) => b.variable('BootChainFwNext', [1, 0, 0, 0]),
  ],
  [
    'slots that do not belong together',
    'refused',
    'running slot',
    /belong together/,
    (b) =>
      b.nvbootctrl(
        '[ "$1" = -t ] && echo "Current rootfs slot: B" || echo "Current bootloader slot: A"\necho "slot: 0, status: normal"\necho "slot: 1, status: normal"',
      ),
  ],
  [
    'an other slot that is unbootable',
    'refused',
    'other slot',
    /unbootable/,
    (b) => b.slots({ current: 'A', status: ['normal', 'unbootable'] }),
  ],
  [
    'a status variable that says so',
    'refused',
    'other slot',
    /unbootable/,
    (b) => b.variable('RootfsStatusSlotB', [0xff, 0, 0, 0]),
  ],
  [
    'a status variable of another shape',
    'refused',
    'other slot',
    /malformed/,
    (b) => b.variable('RootfsStatusSlotB', [0]),
  ],
  [
    'nobody who marks a boot as successful',
    'refused',
    'success of a boot',
    /given up/,
    (b) => b.remove('etc/systemd/system/multi-user.target.wants'),
  ],
  [
    'a boot that is not marked yet',
    'warned',
    'success of a boot',
    /2 tries are left of 3/,
    (b) => b.slots({ current: 'A', retries: [2, 3] }),
  ],
  [
    'no EFI partition',
    'refused',
    'EFI partition',
    /none/,
    (b) => b.write('proc/mounts', '/dev/nvme0n1p1 / ext4 rw 0 0\n'),
  ],
  [
    'an EFI partition that is read-only',
    'warned',
    'EFI partition',
    /read-only/,
    (b) => b.write('proc/mounts', 'x /boot/efi vfat ro 0 0\n'),
  ],
  [
    'another file system at its place',
    'refused',
    'EFI partition',
    /ext4/,
    (b) => b.write('proc/mounts', 'x /boot/efi ext4 rw 0 0\n'),
  ],
  [
    'a capsule that waits',
    'refused',
    'capsule',
    /waits for the next start/,
    (b) => {
      b.write('boot/efi/EFI/UpdateCapsule/TEGRA_BL.Cap', 'x');
      b.osIndications(4);
    },
  ],
  ['a capsule that was lost', 'refused', 'capsule', /there is none/, (b) => b.osIndications(4)],
  [
    'a capsule that nobody asked for',
    'warned',
    'capsule',
    /was not asked to install/,
    (b) => b.write('boot/efi/EFI/UpdateCapsule/TEGRA_BL.Cap', 'x'),
  ],
  [
    'a capsule for another board',
    'warned',
    'last capsule',
    /not made for this board/,
    (b) => b.write('sys/firmware/efi/esrt/entries/entry0/last_attempt_status', '6164\n'),
  ],
  [
    'a firmware that tells nothing of it',
    'warned',
    'last capsule',
    /does not tell/,
    (b) => b.remove('sys/firmware/efi/esrt'),
  ],
  [
    'a battery that is low',
    'refused',
    'power',
    /21 %/,
    (b) => {
      b.write('sys/class/power_supply/bat/type', 'Battery\n');
      b.write('sys/class/power_supply/bat/capacity', '21\n');
      b.write('sys/class/power_supply/bat/status', 'Discharging\n');
    },
  ],
];

describe('A good Orin', () => {
  beforeEach(() => {
    jetson = new FakeJetson('tegra234', '36', '4.3');
  });

  it.each(faults)('with %s is %s', async (_, state, name, words, breakIt) => {
    expect((await check()).ready).toBe(true);
    breakIt(jetson);
    const verdict = await check();
    const told = verdict.findings.find((one) => one.name === name);
    expect(told).toMatchObject({ state });
    expect(told?.detail).toMatch(words);
    expect(told?.remedy).toMatch(/\w/);
    expect(verdict.ready).toBe(state === 'warned');
    expect(verdict.command === undefined).toBe(state === 'refused');
  });

  it('does not ask what OsIndicationsSupported says', async () => {
    jetson.write(
      'sys/firmware/efi/efivars/OsIndicationsSupported-8be4df61-93ca-11d2-aa0d-00e098032b8c',
      Uint8Array.of(6, 0, 0, 0, 0),
    );
    expect((await check()).ready).toBe(true);
  });

  it('on a battery that is charged at the mains is fine', async () => {
    jetson.write('sys/class/power_supply/bat/type', 'Battery\n');
    jetson.write('sys/class/power_supply/bat/capacity', '10\n');
    jetson.write('sys/class/power_supply/ac/type', 'Mains\n');
    jetson.write('sys/class/power_supply/ac/online', '1\n');
    expect(await finding('power')).toMatchObject({ state: 'fine' });
  });

  it.each([
    ['a disk that is full', { disk: { path: '/var/lib/x', freeBytes: 100e6 } }, 'disk', 'refused', false],
    [
      'a disk that can’t be looked at',
      { disk: { path: '/x', freeBytes: undefined } },
      'disk',
      'warned',
      true,
    ],
  ] as const)('with %s', async (_, change, name, state, ready) => {
    const facts = await readTegra({ root: jetson.root, stateFolder: 'var/lib/goshawk-agent' });
    const verdict = decideOta({ ...facts, ...change });
    expect(verdict.findings.find((one) => one.name === name)).toMatchObject({ state });
    expect(verdict.ready).toBe(ready);
  });

  it('with an EFI partition that is nearly full is warned of the next capsule', async () => {
    const facts = await readTegra({ root: jetson.root, stateFolder: 'var/lib/goshawk-agent' });
    const verdict = decideOta({ ...facts, esp: { ...facts.esp!, freeBytes: 10e6 } });
    expect(verdict.ready).toBe(true);
    expect(verdict.findings.map(({ detail }) => detail).join('\n')).toContain('a capsule does not fit');
  });
});
