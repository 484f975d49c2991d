import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const nvidia = '781e084c-a330-417c-b678-38e696380cb9';
const efiGlobal = '8be4df61-93ca-11d2-aa0d-00e098032b8c';

export interface JetsonSlots {
  readonly current: 'A' | 'B';
  readonly active?: 'A' | 'B';
  /** Of slots 0 and 1. */
  readonly status?: readonly [string, string];
  readonly retries?: readonly [number, number];
}

/**
 * The files that a Jetson shows, and its nvbootctrl, below a folder. As a board is after `ROOTFS_AB=1 flash`; tests then
 * take things away. What nvbootctrl prints is what users of such boards posted.
 */
export class FakeJetson {
  readonly root = mkdtempSync(join(tmpdir(), 'goshawk-jetson-'));

  constructor(soc: string, release: string, revision: string) {
    this.write('proc/device-tree/compatible', `nvidia,p3768-0000\0nvidia,${soc}\0`);
    this.write(
      'etc/nv_tegra_release',
      `# R${release} (release), REVISION: ${revision}, GCID: 1, BOARD: generic\n`,
    );
    this.variable('RootfsRedundancyLevel', [1, 0, 0, 0]);
    this.variable('RootfsStatusSlotA', [0, 0, 0, 0]);
    this.variable('RootfsStatusSlotB', [0, 0, 0, 0]);
    this.variable('BootChainFwCurrent', [0, 0, 0, 0]);
    for (const [name, value] of [
      ['fw_version', '2359301'],
      ['lowest_supported_fw_version', '2359296'],
      ['last_attempt_version', '0'],
      ['last_attempt_status', '0'],
    ]) {
      this.write(`sys/firmware/efi/esrt/entries/entry0/${name}`, `${value}\n`);
    }
    this.write(
      'proc/mounts',
      '/dev/nvme0n1p1 / ext4 rw 0 0\n/dev/nvme0n1p10 /boot/efi vfat rw,relatime 0 0\n',
    );
    mkdirSync(join(this.root, 'boot/efi'), { recursive: true });
    this.partition('APP', 'nvme0n1p1', 50_000_000);
    this.partition('APP_b', 'nvme0n1p2', 50_000_000);
    this.write('etc/systemd/system/multi-user.target.wants/nv_update_verifier.service', '');
    mkdirSync(join(this.root, 'var/lib/goshawk-agent'), { recursive: true });
    this.slots({ current: 'A' });
  }

  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }

  /** An EFI variable: attributes, then the value. */
  variable(name: string, value: readonly number[], guid = nvidia): void {
    this.write(`sys/firmware/efi/efivars/${name}-${guid}`, Uint8Array.from([7, 0, 0, 0, ...value]));
  }

  removeVariable(name: string): void {
    this.remove(`sys/firmware/efi/efivars/${name}-${nvidia}`);
  }

  osIndications(value: number): void {
    this.variable('OsIndications', [value, 0, 0, 0, 0, 0, 0, 0], efiGlobal);
  }

  partition(label: string, device: string, sectors: number): void {
    const link = join(this.root, 'dev/disk/by-partlabel', label);
    this.write(`dev/${device}`, '');
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(join('../..', device), link);
    this.write(`sys/class/block/${device}/size`, `${sectors}\n`);
  }

  /** What both views of nvbootctrl print. */
  slots({ current, active = current, status = ['normal', 'normal'], retries = [3, 3] }: JetsonSlots): void {
    const chain = [
      'Current version: 36.4.3',
      'Capsule update status: 0',
      `Current bootloader slot: ${current}`,
      `Active bootloader slot: ${active}`,
      'num_slots: 2',
      'slot: 0,             status: normal',
      'slot: 1,             status: normal',
    ];
    const rootfs = [
      `Current rootfs slot: ${current}`,
      `Active rootfs slot: ${active}`,
      'num_slots: 2',
      ...[0, 1].map(
        (slot) =>
          `slot: ${slot},             retry_count: ${retries[slot]},             status: ${status[slot]}`,
      ),
    ];
    this.nvbootctrl(
      `if [ "$1" = -t ]; then\ncat <<'END'\n${rootfs.join('\n')}\nEND\nelse\ncat <<'END'\n${chain.join('\n')}\nEND\nfi`,
    );
  }

  nvbootctrl(script: string): void {
    this.write('usr/sbin/nvbootctrl', `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.root, 'usr/sbin/nvbootctrl'), 0o755);
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
