import type { Board } from './board.ts';

/** Of a field of a Debian package (`Depends`, `Recommends`): the first of each alternative, without versions. */
export function firstChoices(field: string): readonly string[] {
  return field
    .split(',')
    .map(
      (choice) =>
        choice
          .split('|')[0]
          ?.replace(/[(:].*/, '')
          .trim() ?? '',
    )
    .filter((name) => name !== '');
}

/** Debian's packages of a board's system, beside the essential ones: its own, those of the agent's package, and more. */
export function systemPackages(
  board: Board,
  ofAgent: readonly string[],
  more: readonly string[],
): readonly string[] {
  return [
    ...['systemd', 'systemd-sysv', 'systemd-timesyncd', 'systemd-resolved', 'udev', 'dbus', 'kmod', 'procps'],
    ...['initramfs-tools', 'busybox', 'zstd', 'fdisk', 'e2fsprogs', 'util-linux', 'iproute2'],
    ...['iwd', 'ca-certificates', 'rauc', 'rauc-service'],
    board.kernel,
    ...new Set([...ofAgent, ...more]),
  ];
}

/** Programs of the building machine and the Debian packages that have them. */
export const buildPrograms: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  unshare: 'util-linux',
  mke2fs: 'e2fsprogs',
  sfdisk: 'fdisk',
  'mkfs.vfat': 'dosfstools',
  mcopy: 'mtools',
  mksquashfs: 'squashfs-tools',
  rauc: 'rauc',
  openssl: 'openssl',
  'dpkg-deb': 'dpkg',
  tar: 'tar',
  zstd: 'zstd',
};
