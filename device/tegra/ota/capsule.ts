import type { TegraFacts } from '../facts.ts';
import { type Finding, fine, refused, warned } from './finding.ts';

/** What the numbers of the firmware mean: UEFI's own, then those that NVIDIA's firmware was seen to give. */
const attempts: Readonly<Record<number, string>> = {
  1: 'unsuccessful',
  2: 'not enough resources',
  3: 'wrong version: older than the lowest that is allowed',
  4: 'wrong format',
  5: 'its signature was not accepted',
  6: 'no mains power',
  7: 'battery too low',
  6163: 'its signature was not accepted, or a change of the boot chain was pending',
  6164: 'it is not made for this board',
};

/*
 * The boot firmware is updated by a capsule on the EFI system partition, which the firmware takes at the next start and then
 * switches the boot chain itself: nvbootctrl must not be called beside it. OsIndicationsSupported says what it likes, so
 * it is not asked.
 */
export function capsuleFindings({ esp, esrt, capsuleArmed }: TegraFacts): readonly Finding[] {
  const findings: Finding[] = [];
  if (esp === undefined) {
    findings.push(refused('EFI partition', 'there is none', 'Flash the board again: it starts from it.'));
  } else if (esp.mountedAt === undefined) {
    findings.push(
      warned('EFI partition', 'it is not mounted: no capsule can be laid down', 'sudo mount /boot/efi'),
    );
  } else if (!esp.writable) {
    findings.push(
      warned(
        'EFI partition',
        'it is mounted read-only: no capsule can be laid down',
        'sudo mount -o remount,rw /boot/efi; where that fails, sudo fsck.vfat on it.',
      ),
    );
  } else if (esp.fileSystem !== 'vfat') {
    findings.push(
      refused('EFI partition', `${esp.mountedAt} is ${esp.fileSystem}, not vfat`, 'Mount the right one.'),
    );
  } else findings.push(fine('EFI partition', `${esp.mountedAt}, one copy: flush it before a restart`));
  findings.push(stagedFinding(capsuleArmed, esp?.capsuleStaged === true));
  findings.push(lastCapsuleFinding(esrt));
  return findings;
}

function stagedFinding(armed: boolean, staged: boolean): Finding {
  if (armed && staged) {
    return refused(
      'capsule',
      'one waits for the next start, and switches the boot chain then',
      'Restart first; do not call nvbootctrl beside it.',
    );
  }
  if (armed) {
    return refused(
      'capsule',
      'the firmware is to look for one at the next start, and there is none',
      'Restart once, which clears it; was the EFI partition flushed before the last restart?',
    );
  }
  if (staged) {
    return warned(
      'capsule',
      'the EFI partition holds one that the firmware was not asked to install',
      'Remove EFI/UpdateCapsule/TEGRA_BL.Cap unless an update is in progress.',
    );
  }
  return fine('capsule', 'none waits');
}

function lastCapsuleFinding(esrt: TegraFacts['esrt']): Finding {
  const name = 'last capsule';
  const status = esrt?.lastAttemptStatus;
  if (status === undefined) {
    return warned(
      name,
      'the firmware does not tell how its last update ended',
      'Compare `nvbootctrl dump-slots-info` before and after an update of the boot firmware.',
    );
  }
  if (status === 0) return fine(name, 'done, or never one');
  const words = attempts[status] ?? 'not a code that is known';
  return warned(
    name,
    `it failed with ${status}: ${words}`,
    'The root file system can be updated; do not update the boot firmware before this is understood.',
  );
}
