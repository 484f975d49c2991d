interface HealthStateRow {
  readonly words: string;
  readonly tone: 'ok' | 'warning' | 'error' | 'idle';
  readonly about: string;
}

/** The health of a device, the best first: API, totals, fleet page, device page and filters read this table. */
export const healthStates = {
  ok: { words: 'OK', tone: 'ok', about: 'no problem' },
  degraded: { words: 'Degraded', tone: 'warning', about: 'any other problem' },
  blind: { words: 'Blind', tone: 'error', about: 'no camera that is on sees anything' },
  offline: { words: 'Offline', tone: 'idle', about: 'it is not connected, or silent' },
} as const satisfies Record<string, HealthStateRow>;

interface ProblemRow {
  readonly words: string;
  readonly about: string;
}

/** What can be wrong with a device that is online: its health says it, and rules of kind `health` look at it. */
export const problemTable = {
  blind: { words: 'camera blind', about: 'a camera gives no frames, or its sensor has a fault' },
  drift: { words: 'drift alarm', about: 'an open alarm' },
  'wrong-answer': { words: 'known answer wrong', about: 'a known frame came out wrong' },
  'rate-missed': {
    words: 'target rate missed',
    about: 'a camera reaches less than 80 % of its target rate, or misses its latency',
  },
  'deployment-failed': { words: 'deployment failed', about: 'the last deployment of a slot failed' },
  unproven: {
    words: 'version unproven',
    about:
      'it runs a version without evidence: too few frames in its probation, or a rollout that paused without a verdict',
  },
  'order-ignored': {
    words: 'order not followed',
    about:
      'the device runs another model than ordered, or follows an order that this controller did not give',
  },
  'time-ahead': {
    words: 'time ahead',
    about: 'by what it knows it is a day later than by the clock of the controller',
  },
  'model-withdrawn': {
    words: 'withdrawn model',
    about: 'a model that runs or ran there was withdrawn by its owner, or is not signed',
  },
  'disk-low': { words: 'disk low', about: 'less than 1 GB free, or a tenth of a smaller disk' },
  'robot-fault': {
    words: 'fault of the robot',
    about: 'a part of the robot says on /diagnostics that it has an error',
  },
} as const satisfies Record<string, ProblemRow>;
