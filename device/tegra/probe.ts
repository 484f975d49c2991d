import { execFile } from 'node:child_process';
import { access, constants, readdir, readFile, realpath, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { asksForCapsule, efiNumber, slotStatus } from './efi-variable.ts';
import type { EspFacts, EsrtFacts, PowerSupply, SlotTable, TegraFacts } from './facts.ts';
import { parseSlotTable } from './slot-table.ts';

export interface TegraPlace {
  /** `/` except in tests. */
  readonly root: string;
  /** Where the state of the agent is kept, below the root. */
  readonly stateFolder: string;
}

const nvidiaGuid = '781e084c-a330-417c-b678-38e696380cb9';
const efiGlobalGuid = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
const capsule = 'EFI/UpdateCapsule/TEGRA_BL.Cap';
/** Names of the EFI system partition: of r38, and of r36 and older. */
const espLabels = ['esp', 'UEFI-ESP'];
const partitionLabels = { A: 'APP', B: 'APP_b' } as const;
const notInstalled = 'nvbootctrl is not installed';
/** What no small file of a kernel or a firmware reaches. */
const mostBytes = 64 << 10;

async function bytes(path: string): Promise<Uint8Array | undefined> {
  try {
    const found = await readFile(path);
    return found.length > mostBytes ? undefined : found;
  } catch {
    return undefined;
  }
}

async function text(path: string): Promise<string | undefined> {
  const found = await bytes(path);
  return found === undefined ? undefined : Buffer.from(found).toString('utf8').trim();
}

async function number(path: string): Promise<number | undefined> {
  const found = await text(path);
  const value = Number(found);
  return found === undefined || found === '' || !Number.isFinite(value) ? undefined : value;
}

const there = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function freeBytes(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** Looks, and changes nothing: what a board says of its slots, its firmware, its disk and its power. */
export async function readTegra({ root, stateFolder }: TegraPlace): Promise<TegraFacts> {
  const at = (path: string) => join(root, path);
  const variable = (name: string, guid: string) => bytes(at(`sys/firmware/efi/efivars/${name}-${guid}`));
  const compatible = ((await text(at('proc/device-tree/compatible'))) ?? '')
    .split('\0')
    .filter((one) => one !== '');
  const program = await nvbootctrlOf(root);
  const [current, next] = await Promise.all(
    ['BootChainFwCurrent', 'BootChainFwNext'].map((name) => variable(name, nvidiaGuid)),
  );
  const state = at(stateFolder);
  return {
    soc: compatible.map((one) => /^nvidia,(tegra\d+)$/.exec(one)?.[1]).find((one) => one !== undefined),
    compatible,
    l4t: l4tVersion(await text(at('etc/nv_tegra_release'))),
    uefi: await there(at('sys/firmware/efi')),
    nvbootctrl: program !== undefined,
    bootChain: await slotTable(program, []),
    rootfs: await slotTable(program, ['-t', 'rootfs']),
    redundancyLevel: efiNumber(await variable('RootfsRedundancyLevel', nvidiaGuid)),
    status: {
      A: slotStatus(await variable('RootfsStatusSlotA', nvidiaGuid)),
      B: slotStatus(await variable('RootfsStatusSlotB', nvidiaGuid)),
    },
    chainChangePending: next !== undefined && efiNumber(next) !== efiNumber(current),
    capsuleArmed: asksForCapsule(await variable('OsIndications', efiGlobalGuid)),
    esrt: await readEsrt(at('sys/firmware/efi/esrt/entries/entry0')),
    esp: await readEsp(root),
    partitions: {
      A: await partitionBytes(root, partitionLabels.A),
      B: await partitionBytes(root, partitionLabels.B),
    },
    verifierEnabled: await verifierEnabled(root),
    power: await readPower(at('sys/class/power_supply')),
    disk: { path: stateFolder, freeBytes: await freeBytes((await there(state)) ? state : root) },
  };
}

/** `# R36 (release), REVISION: 4.3, GCID: ...` */
function l4tVersion(release: string | undefined): string | undefined {
  const [, major, revision] = /^#\s*R(\d+)\b.*?REVISION:\s*([\d.]+)/m.exec(release ?? '') ?? [];
  return major === undefined ? undefined : `${major}.${revision}`;
}

async function nvbootctrlOf(root: string): Promise<string | undefined> {
  for (const folder of ['usr/sbin', 'usr/bin', 'sbin']) {
    const file = join(root, folder, 'nvbootctrl');
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return file;
  }
  return undefined;
}

function slotTable(program: string | undefined, view: readonly string[]): Promise<SlotTable | string> {
  return new Promise((resolve) => {
    if (program === undefined) {
      resolve(notInstalled);
      return;
    }
    const limits = { timeout: 10_000, maxBuffer: mostBytes };
    execFile(program, [...view, 'dump-slots-info'], limits, (error, stdout, stderr) => {
      const table = error === null ? parseSlotTable(stdout) : undefined;
      const words = `${stderr}\n${stdout}`.trim().split('\n')[0]?.trim().slice(0, 200) ?? '';
      resolve(table ?? (words === '' ? (error?.message ?? 'it names no slot') : words));
    });
  });
}

async function readEsrt(folder: string): Promise<EsrtFacts | undefined> {
  if (!(await there(folder))) return undefined;
  const [version, lowestVersion, lastAttemptVersion, lastAttemptStatus] = await Promise.all(
    ['fw_version', 'lowest_supported_fw_version', 'last_attempt_version', 'last_attempt_status'].map((name) =>
      number(join(folder, name)),
    ),
  );
  return { version, lowestVersion, lastAttemptVersion, lastAttemptStatus };
}

async function readEsp(root: string): Promise<EspFacts | undefined> {
  const mounts = ((await text(join(root, 'proc/mounts'))) ?? '').split('\n').map((line) => line.split(' '));
  for (const [, place = '', fileSystem, options = ''] of mounts) {
    if (place !== '/boot/efi') continue;
    const folder = join(root, place);
    return {
      mountedAt: place,
      fileSystem,
      writable: options.split(',').includes('rw'),
      freeBytes: await freeBytes(folder),
      capsuleStaged: await there(join(folder, capsule)),
    };
  }
  for (const label of espLabels) {
    if (await there(join(root, 'dev/disk/by-partlabel', label))) {
      return {
        mountedAt: undefined,
        fileSystem: undefined,
        writable: false,
        freeBytes: undefined,
        capsuleStaged: false,
      };
    }
  }
  return undefined;
}

/** From the kernel's table, which needs no right to open the device. */
async function partitionBytes(root: string, label: string): Promise<number | undefined> {
  const link = join(root, 'dev/disk/by-partlabel', label);
  const device = await realpath(link).catch(() => undefined);
  const name = device?.slice(device.lastIndexOf('/') + 1);
  if (name === undefined) return undefined;
  const sectors = await number(join(root, 'sys/class/block', name, 'size'));
  return sectors === undefined ? undefined : sectors * 512;
}

async function verifierEnabled(root: string): Promise<boolean | undefined> {
  const folders = ['etc/systemd/system', 'lib/systemd/system', 'usr/lib/systemd/system'];
  const found = await Promise.all(folders.map((folder) => stat(join(root, folder)).catch(() => undefined)));
  if (found.every((one) => one === undefined)) return undefined;
  for (const folder of folders) {
    for (const target of await readdir(join(root, folder)).catch(() => [])) {
      if (!target.endsWith('.wants')) continue;
      const wanted = await readdir(join(root, folder, target)).catch(() => []);
      if (wanted.some((name) => /^nv_update_verifier.*\.service$/.test(name))) return true;
    }
  }
  return false;
}

async function readPower(folder: string): Promise<readonly PowerSupply[]> {
  const names = (await readdir(folder).catch(() => [])).sort();
  const supplies = await Promise.all(
    names.map(async (name): Promise<readonly PowerSupply[]> => {
      const type = await text(join(folder, name, 'type'));
      if (type === undefined || /^unknown$/i.test(type)) return [];
      const online = await number(join(folder, name, 'online'));
      const status = await text(join(folder, name, 'status'));
      const scope = await text(join(folder, name, 'scope'));
      // A wireless mouse has a battery too.
      if (scope === 'Device') return [];
      return [
        {
          kind: type === 'Battery' ? 'battery' : 'mains',
          online: online === undefined ? undefined : online !== 0,
          percent: await number(join(folder, name, 'capacity')),
          charging: status === undefined ? undefined : /^(charging|full)$/i.test(status),
        },
      ];
    }),
  );
  return supplies.flat();
}
