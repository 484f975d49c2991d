import type { Board } from './board.ts';

/** Debian's packages of a board's system, beside the essential ones; the agent's own needs come with its package. */
export function systemPackages(board: Board, more: readonly string[]): readonly string[] {
  return [
    ...['systemd', 'systemd-sysv', 'systemd-timesyncd', 'systemd-resolved', 'udev', 'dbus', 'kmod', 'procps'],
    ...['initramfs-tools', 'busybox', 'zstd', 'fdisk', 'e2fsprogs', 'util-linux', 'iproute2'],
    ...['iwd', 'ca-certificates', 'rauc', 'rauc-service'],
    // What the agent's package names and recommends.
    ...['libgcc-s1', 'libstdc++6', 'init-system-helpers', 'libturbojpeg0', 'libddsc0t64'],
    board.kernel,
    ...more,
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
