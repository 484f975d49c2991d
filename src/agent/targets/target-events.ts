import type { AgentEvent } from '../event-reporter.ts';
import type { Verdict } from './judge.ts';
import type { LadderMove } from './ladder.ts';
import { type LadderStep, stepWords } from './steps.ts';

export function missedEvent({ camera, missed, what }: Verdict): AgentEvent {
  return {
    kind: 'target.missed',
    severity: 'warning',
    message: `The target is missed, ${what.replace(/\.$/, '')}.`,
    camera,
    data: { reason: missed },
  };
}

/** `zones`: those that there are. */
export function zoneUnknownEvent(camera: string, zone: string, zones: readonly string[]): AgentEvent {
  return {
    kind: 'target.zone-unknown',
    severity: 'warning',
    message: `\`targetZone\` names the zone ${zone}, which the camera does not have, so its target holds all the time. ${zones.length === 0 ? 'Draw it, or leave `targetZone` out.' : `Its zones are ${zones.join(', ')}.`}`,
    camera,
    data: { zone },
  };
}

export function keptEvent(camera: string, forMs: number): AgentEvent {
  return {
    kind: 'target.kept',
    severity: 'info',
    message: `The target is kept again after ${Math.round(forMs / 1000)} s.`,
    camera,
  };
}

/** `level`: after the move. */
export function ladderEvent(move: LadderMove, level: number, steps: readonly LadderStep[]): AgentEvent {
  const data = { level, steps: steps.length };
  if (move === 'down')
    return {
      kind: 'ladder.down',
      severity: 'warning',
      message: `Step ${level} of ${steps.length} is taken to hold the target: ${stepWords(steps[level - 1]!)}.`,
      data,
    };
  if (move === 'up')
    return {
      kind: 'ladder.up',
      severity: 'info',
      message: `Step ${level + 1} of ${steps.length} is undone, there is room again: ${stepWords(steps[level]!)}.`,
      data,
    };
  return {
    kind: 'ladder.bottom',
    severity: 'error',
    message:
      steps.length === 0
        ? 'The target is missed and the device has no steps to give way: set `ladder.steps`, or promise less.'
        : `The target is missed with all ${steps.length} steps taken: promise less, add a step, or take a faster device.`,
    data,
  };
}
