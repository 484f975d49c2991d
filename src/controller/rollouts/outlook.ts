import { defined } from '../../base/index.ts';
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
      return { next: 'Somebody has to start it.' };
    case 'waiting-for-approval':
      return { next: `Somebody else than ${rollout.createdBy.name} has to approve ${label}.` };
    case 'running':
      return running(rollout, label, nowMs);
    case 'soaking': {
      const untilMs = (here?.settledMs ?? nowMs) + (here?.soakMinutes ?? 0) * 60_000;
      const after = waves[wave + 1];
      const then =
        after === undefined
          ? 'it is finished'
          : isComparison(rollout)
            ? 'somebody decides about B'
            : needsApproval(after)
              ? `${after.name} waits for approval`
              : `${after.name} begins`;
      const gate = rollout.policy.gate === undefined ? '' : ' and the gate passes';
      const look = gate === '' || here === undefined ? undefined : nextLook(here);
      const end = `When ${label} has soaked${gate}, ${then}.`;
      if (look === undefined || look.number === look.of) return { next: end, nextMs: untilMs };
      const may = rollout.policy.gate?.passEarly === true ? 'stop or pass it' : 'stop it';
      return { next: `Look ${look.number} of ${look.of} at ${label} may ${may}. ${end}`, nextMs: look.dueMs };
    }
    case 'comparing':
      return { next: 'Somebody has to promote B or roll it back; until then both versions serve.' };
    case 'paused':
      return {
        next: ['Somebody has to resume, promote, abort or roll back.', ...(pause?.settle ?? [])].join(' '),
      };
    case 'aborting':
    case 'rolling-back':
      return {
        next: `${count(rollout, ({ state: one }) => one === 'reverting')} devices are on their way back.`,
      };
    case 'finished':
      return rollout.policy.lateJoiners === 'leave'
        ? straggling(rollout)
        : { next: 'Devices that come to the target get it too.' };
    case 'superseded':
      return straggling(rollout);
    default:
      return { next: 'Nothing.' };
  }
}

/** It is over, and devices that were away still have its order. */
function straggling(rollout: Rollout): Outlook {
  const open = count(rollout, mayYetSwitch);
  if (open === 0) return { next: 'Nothing.' };
  const what = hadFinished(rollout) ? 'get it when they can' : 'go back, or get what took its place';
  return { next: `${open} devices that have its order and do not run it yet ${what}.` };
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
      next: `${by('window')} devices of ${label} wait: ${when}.`,
      ...defined({ nextMs }),
    };
  }
  if (by('safety') > 0)
    return {
      next: `${by('safety')} devices of ${label} are ready and say that it is not safe to switch now.`,
    };
  const working = open.filter(({ state }) => workingStates.has(state) && beforeSwitch.has(state)).length;
  const offline = by('offline');
  const away = offline === 0 ? '' : `; ${offline} of them are offline`;
  return {
    next: `${open.length} devices of ${label} have to give an answer${away}; ${working} are at work.`,
  };
}

function count({ devices }: Rollout, fits: (record: DeviceRecord) => boolean): number {
  return [...devices.values()].filter(fits).length;
}
