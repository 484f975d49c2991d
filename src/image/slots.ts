/*
 * What the boot loader knows of the slots, as in a new image: GRUB's environment block. deploy/image/grub.cfg reads it and
 * counts tries down; deploy/image/root/usr/lib/goshawk-image/slots changes it on the board.
 */
const blockBytes = 1024;

export function environmentBlock(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  return `# GRUB Environment Block\n${lines.join('')}`.padEnd(blockBytes, '#');
}

/** Slot A is there and good, slot B is empty. */
export const firstSlots = {
  ORDER: 'A B',
  A_OK: '1',
  A_LEFT: '3',
  B_OK: '0',
  B_LEFT: '0',
  TRIAL: 'none',
} as const;
