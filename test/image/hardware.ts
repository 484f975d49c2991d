import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentials } from './credentials.ts';

/* The machine that QEMU makes of a board: firmware with UEFI, a disk, a network, a watchdog, and nothing to look at. */

export type Architecture = 'amd64' | 'arm64';

export interface MachineOptions {
  /** Files of this machine. */
  readonly folder: string;
  /** A raw file, or what QEMU takes as `file=` of a disk. */
  readonly disk: string;
  readonly architecture?: Architecture;
  /** Everything that is written to the disk goes into this file as well, in its order, with every flush (recording.ts). */
  readonly record?: string;
  /** Another disk, read-only, which the guest sees as /dev/disk/by-id/virtio-extra. */
  readonly extra?: string;
  /** Time that the machine's clock has at the start. */
  readonly clock?: string;
  /** In software, where there is no KVM. */
  readonly emulate?: boolean;
}

interface Firmware {
  readonly program: string;
  readonly code: string;
  readonly variables: string;
  readonly machine: readonly string[];
  /** The second serial line, as the kernel names it. */
  readonly line: string;
}

const firmware: Readonly<Record<Architecture, Firmware>> = {
  amd64: {
    program: 'qemu-system-x86_64',
    code: '/usr/share/OVMF/OVMF_CODE_4M.fd',
    variables: '/usr/share/OVMF/OVMF_VARS_4M.fd',
    machine: ['-machine', 'q35'],
    line: '/dev/ttyS1',
  },
  arm64: {
    program: 'qemu-system-aarch64',
    code: '/usr/share/AAVMF/AAVMF_CODE.no-secboot.fd',
    variables: '/usr/share/AAVMF/AAVMF_VARS.fd',
    machine: ['-machine', 'virt,gic-version=3'],
    line: '/dev/ttyS0',
  },
};

export const firmwareOf = (architecture: Architecture): string => firmware[architecture].code;

function processor({ emulate, architecture = 'amd64' }: MachineOptions): readonly string[] {
  if (emulate !== true) return ['-accel', 'kvm', '-cpu', 'host'];
  // An emulator works out every number of a wide vector by itself: a picture takes 51 s with AVX2, 4 s without.
  const cpu = architecture === 'amd64' ? 'Nehalem' : 'cortex-a72';
  return ['-accel', 'tcg,thread=multi,tb-size=512', '-cpu', cpu];
}

function disk({ disk: file, record }: MachineOptions): readonly string[] {
  const raw = `driver=raw,file.driver=${file.includes('://') ? 'null-co' : `file,file.filename=${file}`}`;
  const whole =
    record === undefined
      ? ['-blockdev', `node-name=disk,${raw}`]
      : [
          '-blockdev',
          `node-name=card,${raw}`,
          '-blockdev',
          `node-name=disk,driver=blklogwrites,file=card,log.driver=file,log.filename=${record}`,
        ];
  // Told as a disk with a cache that has to be flushed.
  return [...whole, '-device', 'virtio-blk-pci,drive=disk,bootindex=0,write-cache=on'];
}

/** The program and its arguments. */
export function hardware(options: MachineOptions): readonly [program: string, args: readonly string[]] {
  const { folder, extra, clock, architecture = 'amd64', emulate } = options;
  const { program, code, variables, machine, line } = firmware[architecture];
  const vars = join(folder, 'vars.fd');
  copyFileSync(variables, vars);
  if (options.record !== undefined) writeFileSync(options.record, '');
  const strings = credentials(line, emulate === true).flatMap((value, index) => {
    const file = join(folder, `credential-${index}`);
    writeFileSync(file, value);
    return ['-smbios', `type=11,path=${file}`];
  });
  const args = [
    ...['-nodefaults', ...machine, ...processor(options), '-m', '1024', '-smp', '2', '-display', 'none'],
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${code}`],
    ...['-drive', `if=pflash,format=raw,file=${vars}`],
    ...disk(options),
    ...(extra === undefined
      ? []
      : [
          ...['-drive', `file=${extra},format=raw,if=none,id=extra,readonly=on`],
          ...['-device', 'virtio-blk-pci,drive=extra,serial=extra'],
        ]),
    ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-device', 'i6300esb', '-action', 'watchdog=reset'],
    ...['-device', 'virtio-rng-pci'],
    ...['-chardev', `socket,id=line,path=${join(folder, 'line')},server=on,wait=off`],
    ...['-monitor', `unix:${join(folder, 'monitor')},server=on,wait=off`],
    ...['-serial', `file:${join(folder, 'console.log')}`],
    ...(architecture === 'amd64' ? ['-serial', 'chardev:line'] : ['-device', 'pci-serial,chardev=line']),
    ...(clock === undefined ? [] : ['-rtc', `base=${clock}`]),
    ...strings,
  ];
  return [program, args];
}
