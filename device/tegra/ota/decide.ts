import type { Slot, SlotTable, TegraFacts } from '../facts.ts';
import { capsuleFindings } from './capsule.ts';
import { type Finding, fine, refused, warned } from './finding.ts';
import { powerFindings, roomFindings } from './resources.ts';
import { type SwitchRule, switchRules } from './rules.ts';

export interface OtaVerdict {
  /** A root file system that is written into the other slot would be started, and this one again if it fails. */
  readonly ready: boolean;
  readonly board: string;
  readonly findings: readonly Finding[];
  /** How this board switches; undefined where it does not. */
  readonly command: string | undefined;
}

/** Whether this board would switch its slots, and why not. Pure: facts in, words out. */
export function decideOta(facts: TegraFacts): OtaVerdict {
  const board = boardFinding(facts);
  const rule = switchRules[facts.soc ?? ''];
  if (board.state === 'refused' || rule === undefined) {
    return { ready: false, board: nameOf(facts, rule), findings: [board], command: undefined };
  }
  const findings = [
    board,
    redundancyFinding(facts, rule),
    ...slotFindings(facts),
    successFinding(facts),
    ...capsuleFindings(facts),
    ...roomFindings(facts),
    ...powerFindings(facts),
  ];
  const ready = findings.every(({ state }) => state !== 'refused');
  const target = ready ? otherSlot(facts) : undefined;
  return {
    ready,
    board: nameOf(facts, rule),
    findings,
    command: target === undefined ? undefined : ['nvbootctrl', ...rule.command, numberOf(target)].join(' '),
  };
}

const numberOf = (slot: Slot) => (slot === 'A' ? '0' : '1');

function nameOf({ soc, l4t }: TegraFacts, rule: SwitchRule | undefined): string {
  const chip = soc === undefined ? 'no Jetson' : `${rule?.board ?? 'unknown board'} (${soc})`;
  return l4t === undefined ? chip : `${chip}, L4T ${l4t}`;
}

function boardFinding({ soc, l4t, uefi, compatible }: TegraFacts): Finding {
  if (soc === undefined) {
    return refused(
      'board',
      `this is no Jetson (${compatible.join(', ') || 'no device tree'})`,
      'Slots of an image that `goshawk image build` made are RAUC’s: rauc status.',
    );
  }
  const rule = switchRules[soc];
  if (rule === undefined) {
    const known = Object.entries(switchRules).map(([chip, { board }]) => `${board} (${chip})`);
    return refused(
      'board',
      `how ${soc} switches its slots is not known`,
      `Known are ${known.join(', ')}. Update it as its maker says; a wrong way can leave it without a system.`,
    );
  }
  if (!uefi) {
    return refused('board', `${rule.board} was not started by UEFI`, 'Flash it with L4T 35 or newer.');
  }
  const release = Number.parseInt(l4t ?? '', 10);
  if (!(release >= rule.since && release <= rule.until)) {
    return refused(
      'board',
      `${rule.board} with L4T ${l4t ?? 'of no known version'}: looked at were ${rule.since} to ${rule.until}`,
      'Flash a release of L4T that is in the table of docs/jetson.md.',
    );
  }
  const words = `${rule.board} (${soc}) with L4T ${l4t}: ${rule.why}`;
  return rule.caution === undefined ? fine('board', words) : warned('board', words, rule.caution);
}

function redundancyFinding({ redundancyLevel, partitions }: TegraFacts, rule: SwitchRule): Finding {
  if (redundancyLevel !== 1) {
    const value =
      redundancyLevel === undefined
        ? 'RootfsRedundancyLevel is not set'
        : `RootfsRedundancyLevel is ${redundancyLevel}`;
    return refused(
      'redundancy',
      `${value}: the firmware keeps one root file system, and cannot roll back`,
      rule.turnOn,
    );
  }
  if (partitions.B === undefined) {
    return refused('redundancy', 'there is no partition APP_b for the second root file system', rule.turnOn);
  }
  if (partitions.A !== undefined && partitions.B < partitions.A) {
    return refused(
      'redundancy',
      'the partition APP_b is smaller than APP: a system of one slot does not fit into the other',
      'Flash again with a layout whose two root file systems have one size.',
    );
  }
  return fine('redundancy', 'two root file systems, A and B');
}

function slotFindings(facts: TegraFacts): readonly Finding[] {
  const { bootChain, rootfs } = facts;
  for (const [view, table] of [
    ['nvbootctrl dump-slots-info', bootChain],
    ['nvbootctrl -t rootfs dump-slots-info', rootfs],
  ] as const) {
    if (typeof table === 'string') {
      return [
        refused(
          'slots',
          `${view}: ${table}`,
          facts.nvbootctrl
            ? 'Run the check as root: sudo goshawk doctor --ota'
            : 'sudo apt-get install nvidia-l4t-tools, which brings nvbootctrl.',
        ),
      ];
    }
  }
  const chain = bootChain as SlotTable;
  const system = rootfs as SlotTable;
  return [runningFinding(facts, chain, system), targetFinding(facts, system)];
}

function runningFinding({ chainChangePending }: TegraFacts, chain: SlotTable, system: SlotTable): Finding {
  if (chain.current === undefined || system.current === undefined) {
    return refused('running slot', 'nvbootctrl does not name it', 'Restart the board, then look again.');
  }
  if (chain.current !== system.current) {
    return refused(
      'running slot',
      `boot chain ${chain.current} runs root file system ${system.current}; they belong together`,
      'Restart the board; if that does not help, flash it again.',
    );
  }
  if (chainChangePending || chain.active !== chain.current || system.active !== system.current) {
    return refused(
      'running slot',
      `${chain.current} runs and ${system.active ?? '?'} is to be started next: a switch is in progress`,
      'Restart the board and let it be marked as successful before the next update.',
    );
  }
  return fine('running slot', `${chain.current}, boot firmware ${chain.version ?? 'of no known version'}`);
}

function targetFinding(facts: TegraFacts, system: SlotTable): Finding {
  const target = otherSlot(facts);
  if (target === undefined) return refused('other slot', 'not known', 'See the running slot.');
  const told = system.entries.find(({ slot }) => slot === target);
  const status = facts.status[target];
  if (told === undefined) {
    return refused('other slot', `nvbootctrl knows no slot ${target}`, 'Flash again with ROOTFS_AB=1.');
  }
  if (told.status === 'unbootable' || status === 'unbootable') {
    return refused(
      'other slot',
      `${target} is marked as unbootable: the firmware would not start it`,
      `UEFI menu: Device Manager, NVIDIA Configuration, L4T Configuration, OS chain ${target} status: Normal.`,
    );
  }
  if (status === 'malformed' || status === 'unknown') {
    return refused(
      'other slot',
      `RootfsStatusSlot${target} is ${status}: a value that Goshawk does not know`,
      'Flash the boot firmware of this release again.',
    );
  }
  return fine('other slot', `${target}, ${told.status}`);
}

/** A boot that nobody marks as successful is counted as failed, and the firmware goes back. */
function successFinding({ rootfs, verifierEnabled }: TegraFacts): Finding {
  const running = typeof rootfs === 'string' ? undefined : rootfs;
  const retries = running?.entries.find(({ slot }) => slot === running.current)?.retryCount;
  const most = Math.max(0, ...(running?.entries.map(({ retryCount }) => retryCount ?? 0) ?? []));
  if (verifierEnabled !== true) {
    return refused(
      'success of a boot',
      'no service marks a boot as successful (nv_update_verifier): the new system would be given up after minutes',
      'sudo systemctl enable nv_update_verifier, or run nvbootctrl mark-boot-successful in one of your own.',
    );
  }
  if (retries !== undefined && retries < most) {
    return warned(
      'success of a boot',
      `of the running slot ${retries} tries are left of ${most}: this boot was not marked as successful yet`,
      'Wait for nv_update_verifier, or look why it fails: systemctl status nv_update_verifier',
    );
  }
  return fine('success of a boot', 'nv_update_verifier marks it');
}

function otherSlot({ rootfs }: TegraFacts): Slot | undefined {
  if (typeof rootfs === 'string' || rootfs.current === undefined) return undefined;
  return rootfs.current === 'A' ? 'B' : 'A';
}
