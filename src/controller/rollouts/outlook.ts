import { counted, defined } from '../../base/index.ts';
import { beforeSwitch, settledStates, workingStates } from './device-state.ts';
import { isComparison } from './experiment/stage.ts';
import { mayYetSwitch } from './holds.ts';
import { nextLook } from './looks.ts';
import { needsApproval } from './move.ts';
import type { DeviceRecord, Rollout } from './rollout.ts';
import { hadFinished } from './superseded.ts';
import { nextOpening } from './windows.ts';

export interface Outlook {
  /** What happens next, in words. */
  readonly next: string;
  readonly nextMs?: number;
}

/** What happens next, and when, as far as that is known. */
export function outlook(rollout: Rollout, nowMs: number): Outlook {
  const { state, pause, waves, wave } = rollout;
  const here = waves[wave];
  const label = here === undefined ? 'the wave' : here.name;
  switch (state) {
    case 'draft':
      return { next: 'Start it.' };
    case 'waiting-for-approval':
      return { next: `A person other than ${rollout.createdBy.name} must approve ${label}.` };
    case 'running':
      return running(rollout, label, nowMs);
    case 'soaking': {
      const untilMs = (here?.settledMs ?? nowMs) + (here?.soakMinutes ?? 0) * 60_000;
      const after = waves[wave + 1];
      const then =
        after === undefined
          ? 'the rollout is finished'
          : isComparison(rollout)
            ? 'you decide about B'
            : needsApproval(after)
              ? `${after.name} waits for approval`
              : `${after.name} starts`;
      const gate = rollout.policy.gate === undefined ? '' : ' and the gate passes';
      const look = gate === '' || here === undefined ? undefined : nextLook(here);
      const end = `When ${label} has soaked${gate}, ${then}.`;
      if (look === undefined || look.number === look.of) return { next: end, nextMs: untilMs };
      const may = rollout.policy.gate?.passEarly === true ? 'stop or pass it' : 'stop it';
      return { next: `Look ${look.number} of ${look.of} at ${label} may ${may}. ${end}`, nextMs: look.dueMs };
    }
    case 'comparing':
      return { next: 'Promote B or roll it back. Until then both versions serve.' };
    case 'paused':
      return {
        next: ['Resume, promote, abort or roll back.', ...(pause?.settle ?? [])].join(' '),
      };
    case 'aborting':
    case 'rolling-back':
      return {
        next: `Rolling back ${counted(
          count(rollout, ({ state: one }) => one === 'reverting'),
          'device',
        )}.`,
      };
    case 'finished':
      return rollout.policy.lateJoiners === 'leave'
        ? straggling(rollout)
        : { next: 'New devices of the target get it too.' };
    case 'superseded':
      return straggling(rollout);
    default:
      return { next: 'No further steps.' };
  }
}

/** It is over, and devices that were away still have its order. */
function straggling(rollout: Rollout): Outlook {
  const open = count(rollout, mayYetSwitch);
  if (open === 0) return { next: 'No further steps.' };
  const what = hadFinished(rollout) ? 'get it later' : 'roll back, or get its replacement';
  return { next: `${counted(open, 'device')} with its order, but not running it yet, will ${what}.` };
}

function running(rollout: Rollout, label: string, nowMs: number): Outlook {
  const open = [...rollout.devices.values()].filter(
    (record) => record.wave <= rollout.wave && !settledStates.has(record.state),
  );
  const by = (what: DeviceRecord['by']) => open.filter((record) => record.by === what).length;
  if (by('window') > 0) {
    const kind = open.some((one) => one.by === 'window' && one.order === undefined) ? 'download' : 'switch';
    const nextMs = nextOpening(rollout.policy.windows, kind, nowMs);
    const when = nextMs === undefined ? 'no window opens within a year' : `the window to ${kind} opens`;
    return {
      next: `Waiting with ${counted(by('window'), 'device')} of ${label}: ${when}.`,
      ...defined({ nextMs }),
    };
  }
  if (by('safety') > 0)
    return {
      next: `Waiting for ${counted(by('safety'), 'ready device')} of ${label} to report that it is safe to switch.`,
    };
  const working = open.filter(({ state }) => workingStates.has(state) && beforeSwitch.has(state)).length;
  const offline = by('offline');
  const away = offline === 0 ? '' : `, ${offline} offline`;
  return {
    next: `Waiting for ${counted(open.length, 'device')} of ${label} (${working} updating${away}).`,
  };
}

function count({ devices }: Rollout, fits: (record: DeviceRecord) => boolean): number {
  return [...devices.values()].filter(fits).length;
}
