import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { patienceMs, reportsEveryMs } from '../../../../src/controller/fleet/reporting.ts';
import { metricNames, topics } from '../../../../src/protocol/index.ts';
import { admin, birth, TestFleet } from '../../../fakes/test-fleet.ts';

describe('How long a device may say nothing', () => {
  it.each<[string, number | undefined, number, number]>([
    ['is the usual before it was born', undefined, 90_000, 90_000],
    ['is the usual where it reports often', 10, 90_000, 90_000],
    ['is three intervals where it reports rarely', 300, 90_000, 900_000],
    ['is three hours at most', 3600, 90_000, 10_800_000],
    ['is three hours where it claims more than it may', 86_400, 90_000, 10_800_000],
    ['is what was asked where that is more', 60, 660_000, 660_000],
  ])('%s', (_, announced, leastMs, expected) => {
    const said = announced === undefined ? undefined : { reportsEverySeconds: announced };
    expect(patienceMs(leastMs, reportsEveryMs(said))).toBe(expected);
  });
});

describe('A device that reports every five minutes', () => {
  let fleet: TestFleet;
  let sequence: number;

  beforeEach(async () => {
    fleet = await TestFleet.open();
    sequence = 0;
    await fleet.birth('d1', { reportsEverySeconds: 300 });
  });
  afterEach(() => fleet.stop());

  const device = () => fleet.controller.registry.summary(fleet.controller.registry.get('d1')!);
  const say = (value: number) =>
    fleet.metrics('d1', { sequence: sequence++, samples: [[fleet.clock.wallMs(), 1, value]] });

  it('is online between its reports, with what it said last, and silent after three that did not come', async () => {
    await say(15);
    await fleet.clock.pass(290_000);
    expect(device()).toMatchObject({
      online: true,
      fps: 15,
      health: { state: 'ok' },
      reportsEverySeconds: 300,
    });
    await fleet.clock.pass(500_000);
    expect(device().online).toBe(true);
    await fleet.clock.pass(130_000);
    expect(device()).toMatchObject({ online: false, offlineReason: 'silent' });
  });

  it('is silent after 90 s again when it announces that it reports often', async () => {
    await fleet.birth('d1', { reportsEverySeconds: 10 });
    await fleet.clock.pass(100_000);
    expect(device()).toMatchObject({ online: false, offlineReason: 'silent' });
  });

  it('cannot announce a day', async () => {
    const state = new TextEncoder().encode(JSON.stringify({ ...birth, reportsEverySeconds: 86_400 }));
    await fleet.send(topics.state('d2'), state, true);
    await fleet.clock.pass(1_000);
    expect(fleet.controller.registry.get('d2')?.birth).toBeUndefined();
  });

  it.each([
    ['a gauge', { name: metricNames.fps, below: 10 }],
    ['a histogram', { name: metricNames.latency, above: 0.01, statistic: 'p95' as const }],
  ])('is watched by a rule about %s all the time', async (_, when) => {
    await fleet.controller.alerts.createRule(admin, {
      name: 'rule',
      when: { kind: 'metric', ...when },
      forSeconds: 700,
      severity: 'warning',
    });
    for (let report = 0; report < 4; report++) {
      await fleet.metrics('d1', {
        sequence: sequence++,
        samples: [
          [fleet.clock.wallMs(), 1, 5],
          [fleet.clock.wallMs(), 2, { buckets: [[-10, 100]], zeros: 0, sum: 40 }],
        ],
      });
      await fleet.clock.pass(300_000);
    }
    expect(fleet.controller.alerts.firing.map(({ subject }) => subject)).toEqual(['d1/front']);
  });
});
