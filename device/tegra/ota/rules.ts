/*
 * How each board switches. From NVIDIA's guides and from what others found on boards; the project has none, so nothing
 * here was seen at work: see docs/jetson.md. What is not in this list is refused, because a wrong way does nothing and
 * says nothing, or leaves a board that does not start.
 */

export interface SwitchRule {
  readonly board: string;
  /** The release of L4T from which the rule holds, and the last one that was looked at. */
  readonly since: number;
  readonly until: number;
  /** Arguments of nvbootctrl before the slot's number. */
  readonly command: readonly string[];
  readonly why: string;
  /** Why the redundancy can't be turned on from the running system, or how. */
  readonly turnOn: string;
  /** What is known to go wrong there. */
  readonly caution: string | undefined;
}

const flashAgain =
  'Flash again with ROOTFS_AB=1 (deploy/jetson/flash.sh --ab); from the running system it can’t be turned on.';

export const switchRules: Readonly<Record<string, SwitchRule>> = {
  tegra194: {
    board: 'Xavier',
    since: 35,
    until: 35,
    command: ['set-active-boot-slot'],
    why: 'from L4T 35 on the boot chain and the root file system of a slot belong together',
    turnOn: flashAgain,
    caution:
      'JetPack 5 is the last one for Xavier, and boards with 35.4.1 were reported that stayed in their slot after a switch: look at the slot after the restart.',
  },
  tegra234: {
    board: 'Orin',
    since: 35,
    until: 39,
    command: ['set-active-boot-slot'],
    why: 'the boot chain is switched and takes its root file system along; -t rootfs has no effect and prints no error',
    turnOn: flashAgain,
    caution: undefined,
  },
  tegra264: {
    board: 'Thor',
    since: 38,
    until: 39,
    command: ['-t', 'rootfs', 'set-active-boot-slot'],
    why: 'Thor switches by the root file system',
    turnOn: flashAgain,
    caution: undefined,
  },
};
