import type { TegraFacts } from '../facts.ts';
import { type Finding, fine, refused, warned } from './finding.ts';

const megabytes = (count: number) => `${(count / 1e6).toFixed(0)} MB`;
/** A capsule has some tens of megabytes. */
const capsuleRoom = 64e6;
/** Of the state that an update carries over, with what it writes beside it. */
const stateRoom = 500e6;
const leastPercent = 30;

export function roomFindings({ disk, esp }: TegraFacts): readonly Finding[] {
  const findings: Finding[] = [];
  const { freeBytes, path } = disk;
  if (freeBytes === undefined)
    findings.push(warned('disk', `${path} can’t be looked at`, 'Look by hand: df'));
  else if (freeBytes < stateRoom) {
    findings.push(
      refused('disk', `${megabytes(freeBytes)} free at ${path}`, `Make room: ${megabytes(stateRoom)}.`),
    );
  } else findings.push(fine('disk', `${megabytes(freeBytes)} free at ${path}`));
  const room = esp?.freeBytes;
  if (room !== undefined && room < capsuleRoom) {
    findings.push(
      warned(
        'EFI partition’s room',
        `${megabytes(room)} free: a capsule does not fit`,
        'Remove what does not belong there before the boot firmware is updated.',
      ),
    );
  }
  return findings;
}

/** Most boards do not report their power; then there is no finding. */
export function powerFindings({ power }: TegraFacts): readonly Finding[] {
  const batteries = power.filter(({ kind }) => kind === 'battery');
  const mains = power.some(({ kind, online }) => kind === 'mains' && online === true);
  if (batteries.length === 0) {
    return [fine('power', mains ? 'mains' : 'no battery that the kernel knows')];
  }
  const percent = Math.min(...batteries.map((one) => one.percent ?? 100));
  const charging = mains || batteries.every((one) => one.charging === true);
  if (charging || percent >= leastPercent) {
    return [fine('power', `battery at ${percent} %${charging ? ', charging' : ''}`)];
  }
  return [
    refused(
      'power',
      `battery at ${percent} % and not charging`,
      `Charge it to ${leastPercent} % or plug it in.`,
    ),
  ];
}
