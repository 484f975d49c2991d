import { describe, expect, it } from 'vitest';
import {
  type ExperimentDraft,
  emptyDraft,
  emptyExperiment,
  problemIn,
  type RolloutDraft,
  requestOf,
  type Step,
  targetOf,
  withSoak,
} from '../../../src/dashboard/rollouts/rollout-draft.ts';

const shareProblem = 'Enter the share of B in percent: more than 0 and less than 100.';
const draft = (part: Partial<RolloutDraft>): RolloutDraft => ({ ...emptyDraft, ...part });
const wave = (kind: 'count' | 'percent', size: string, soakMinutes = '10') => ({ kind, size, soakMinutes });

describe('A rollout that is filled in', () => {
  it.each<[Step, Partial<RolloutDraft>, string | undefined]>([
    ['model', {}, 'Choose a model.'],
    ['model', { digest: 'd' }, 'Enter a name: letters, digits, spaces, dots and dashes, at most 64.'],
    [
      'model',
      { digest: 'd', name: '-x' },
      'Enter a name: letters, digits, spaces, dots and dashes, at most 64.',
    ],
    ['model', { digest: 'd', name: 'street-2' }, undefined],
    ['target', {}, 'Choose groups, devices or labels, or every device.'],
    ['target', { all: true }, undefined],
    ['target', { labels: 'site' }, 'Write labels as key=value.'],
    ['target', { labels: 'site=west' }, undefined],
    ['waves', {}, undefined],
    ['waves', { waves: [] }, undefined],
    ['waves', { waves: [wave('count', '1.5')] }, 'Wave 1: enter a number of devices.'],
    ['waves', { waves: [wave('count', '')] }, 'Wave 1: enter a number of devices.'],
    ['waves', { waves: [wave('percent', '101')] }, 'Wave 1: enter a percentage from 1 to 100.'],
    ['waves', { waves: [wave('count', '1', 'x')] }, 'Wave 1: enter how long it soaks, in minutes.'],
    [
      'waves',
      { waves: [wave('percent', '50'), wave('count', '2'), wave('percent', '50')] },
      'Wave 3: percentages count the waves before, so they must grow.',
    ],
    ['waves', { lastSoakMinutes: '' }, 'Last wave: enter how long it soaks, in minutes.'],
    ['waves', { experiment: { ...emptyExperiment, percent: '100' } }, shareProblem],
    ['waves', { experiment: { ...emptyExperiment, percent: '' } }, shareProblem],
    ['waves', { experiment: emptyExperiment, waves: [wave('count', '')] }, undefined],
    [
      'waves',
      { experiment: { ...emptyExperiment, by: 'device', who: 'labels', labels: 'ring' } },
      'Enter the labels of the devices that are B, as key=value.',
    ],
    ['gate', { gate: {} }, undefined],
    ['gate', { gate: { detections: '0' } }, 'Enter harms as numbers above 0, or leave them empty.'],
    ['gate', { gate: { detections: '0.2' } }, undefined],
  ])('says of the step %s with %j: %s', (step, part, problem) => {
    expect(problemIn(step, draft(part))).toBe(problem);
  });

  it.each<[Partial<RolloutDraft>, ReturnType<typeof targetOf>]>([
    [{ all: true, groups: ['gate'] }, { all: true }],
    [
      { groups: ['gate'], devices: 'a, b  a' },
      { groups: ['gate'], devices: ['a', 'b'] },
    ],
    [{ labels: 'site=west ring=canary' }, { labels: { site: 'west', ring: 'canary' } }],
    [{ devices: ' , ' }, undefined],
  ])('means by %j the devices %j', (part, target) => {
    expect(targetOf(draft(part))).toEqual(target);
  });

  it.each<[Partial<ExperimentDraft>, object]>([
    [{}, { by: 'camera', percent: 50 }],
    [
      { by: 'device', who: 'labels', labels: 'ring=canary' },
      { by: 'device', labels: { ring: 'canary' } },
    ],
  ])('becomes with %j the experiment %j, without waves', (part, experiment) => {
    const filled = draft({
      ...{ name: 'ab', digest: 'd', all: true, lastSoakMinutes: '60' },
      experiment: { ...emptyExperiment, ...part },
    });
    const { policy } = requestOf(filled, { name: 'street', digest: 'd' });
    expect(policy).toMatchObject({ experiment, soakMinutes: 60 });
    expect(policy).not.toHaveProperty('waves');
  });

  it('becomes the policy that was filled in', () => {
    const filled = draft({
      ...{ name: 'street-2', digest: 'sha', groups: ['gate'], lastSoakMinutes: '30', draft: true },
      waves: [wave('count', '2', '15'), wave('percent', '40', '0')],
      gate: { detections: '0.2', latency: '' },
    });
    expect(requestOf(filled, { name: 'street', digest: 'sha' })).toEqual({
      name: 'street-2',
      draft: true,
      policy: {
        model: { name: 'street', digest: 'sha' },
        target: { groups: ['gate'] },
        waves: [
          { count: 2, soakMinutes: 15 },
          { percent: 40, soakMinutes: 0 },
        ],
        soakMinutes: 30,
        gate: { metrics: [{ metric: 'detections', harm: 0.2 }, { metric: 'latency' }] },
      },
    });
    const plain = requestOf(draft({ name: 'x', all: true, waves: [], gate: {} }), {
      name: 'street',
      digest: 'sha',
    });
    expect(plain.policy).toEqual({
      model: { name: 'street', digest: 'sha' },
      target: { all: true },
      soakMinutes: 0,
    });
  });

  it('soaks for as long as the gate needs, where it soaks at all', () => {
    const waves = [wave('count', '1', '10'), wave('count', '1', '0'), wave('count', '1', '90')];
    const longer = withSoak(draft({ waves, lastSoakMinutes: '0' }), 30);
    expect(longer.waves.map(({ soakMinutes }) => soakMinutes)).toEqual(['30', '0', '90']);
    expect(longer.lastSoakMinutes).toBe('0');
  });
});
