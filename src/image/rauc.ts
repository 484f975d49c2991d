import { type Board, compatibleOf } from './board.ts';
import { labels } from './layout.ts';

/** /etc/rauc/system.conf of a board. */
export function raucSystem(board: Board): string {
  const slot = (index: number, label: string, name: string) => `
[slot.rootfs.${index}]
device=/dev/goshawk/${label}
type=raw
bootname=${name}
`;
  return `# Two root file systems: one runs, the other takes the update.
[system]
compatible=${compatibleOf(board)}
bootloader=custom
bundle-formats=-plain
# A slot that was written is started only after "rauc status mark-active other", when a restart is safe.
activate-installed=false
data-directory=/var/lib/rauc
# The root is read-only.
mountprefix=/run/rauc

[keyring]
path=/etc/rauc/keyring.pem

[handlers]
bootloader-custom-backend=/usr/lib/goshawk-image/slots
${slot(0, labels.rootA, 'A')}${slot(1, labels.rootB, 'B')}`;
}

/** The manifest of an update: the root file system as one file. */
export function raucManifest(board: Board, version: string, file: string): string {
  return `[update]
compatible=${compatibleOf(board)}
version=${version}

[bundle]
format=verity

[image.rootfs]
filename=${file}
`;
}
