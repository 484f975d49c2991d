import { deploymentStates } from '../protocol/index.ts';
import { rolloutStates } from './rollouts.ts';

const kinds: Readonly<Record<string, readonly string[]>> = {
  agent: ['memory-damaged', 'restart-failed', 'restarting', 'unhealthy'],
  approval: ['asked', 'broken-glass'],
  board: ['full-speed', 'power-mode', 'slowed'],
  budget: ['low', 'spent'],
  calls: ['answered'],
  camera: ['back', 'ended', 'fault', 'filter-changed', 'lost', 'recovered'],
  certificate: ['not-renewed', 'renewed'],
  clip: ['failed', 'recorded'],
  clock: ['wrong'],
  controller: ['clock-ahead', 'clock-jumped', 'clock-recovered'],
  deployment: deploymentStates,
  desired: ['camera-unknown', 'expired', 'settings-refused'],
  detector: ['failing', 'slow', 'stuck'],
  device: [
    ...['calls-unknown', 'cloned', 'enrolled', 'generation-implausible', 'hardware-changed', 'name-asked'],
    ...['offline', 'online', 'order-set-aside', 'order-too-large', 'quota-exceeded', 'row-set-aside'],
    'session-repeated',
  ],
  drift: [
    ...['alarm', 'changed', 'cleared', 'learned', 'learn-failed', 'learn-restarted', 'profile-missing'],
    'profile-refused',
  ],
  engine: [
    ...['building', 'built', 'change', 'chosen', 'crashed', 'fallback', 'given-up', 'left-behind', 'no-room'],
    ...['quarantined', 'rebuild', 'recovery-failed', 'restart-process', 'set-aside'],
  ],
  frames: ['disk-failed', 'disk-recovered'],
  ladder: ['bottom', 'down', 'up', 'variant', 'variant-refused'],
  line: ['crossed'],
  memory: ['disk-failed', 'disk-recovered'],
  model: [
    ...['added', 'answers-again', 'challenge-failed', 'damaged', 'lost', 'memory-exposed', 'missing'],
    ...['no-answer', 'removed', 'swapped', 'unsigned', 'withdrawn', 'wrong-answer'],
  ],
  outbox: ['damaged', 'disk-failed', 'disk-recovered'],
  robot: ['changed', 'fault', 'recovered'],
  rollout: rolloutStates,
  target: ['kept', 'missed', 'zone-unknown'],
  trust: ['fresh', 'stale'],
  zone: ['absent', 'crowded', 'dwell', 'entered', 'left', 'speeding'],
};

/** Kinds of events that agents and the controller of this version report, such as `camera.lost`. A newer agent may report others. */
export const knownEventKinds: readonly string[] = Object.entries(kinds).flatMap(([family, names]) =>
  names.map((name) => `${family}.${name}`),
);
