import { describe, expect, it } from 'vitest';
import { type AgentEvent, RuleReporter } from '../../../../src/agent/index.ts';
import type { CameraRules, RuleEvent } from '../../../../src/perception/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const gate = (eventsPerMinute?: number): CameraRules => ({
  zones: {
    gate: {
      points: [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
      ...(eventsPerMinute === undefined ? {} : { eventsPerMinute }),
    },
  },
});

function setUp(rules: CameraRules) {
  const clock = new FakeClock();
  const told: AgentEvent[] = [];
  const reporter = new RuleReporter({ clock, rules: () => rules, reportEvent: (event) => told.push(event) });
  const publish = (...events: RuleEvent[]) =>
    reporter.publish({ camera: 'front', rules: { zones: [], lines: [], events } });
  return { clock, told, publish };
}

const entered = (trackId: number): RuleEvent => ({
  ...{ kind: 'entered', zone: 'gate', inside: 1, trackId, label: 'car', speed: 0.5 },
  stampNs: 1_700_000_000_123_000_000n,
});
const empty: RuleEvent = { kind: 'absent', zone: 'gate', inside: 0, seconds: 60, stampNs: 5n };

describe('Events of zones and lines', () => {
  it('are those of the fleet, with words and data', () => {
    const { told, publish } = setUp(gate());
    publish(entered(7), empty);
    publish({ ...entered(8), kind: 'crossed', line: 'door', direction: 'in' } as unknown as RuleEvent);
    expect(told).toMatchObject([
      {
        ...{
          kind: 'zone.entered',
          severity: 'info',
          camera: 'front',
          message: 'car 7 entered gate; 1 inside.',
        },
        data: { zone: 'gate', trackId: 7, label: 'car', stampNs: '1700000000123000000' },
      },
      { kind: 'zone.absent', severity: 'warning', message: 'gate has been empty for 60.0 s.' },
      { severity: 'info' },
    ]);
    expect(() => JSON.stringify(told)).not.toThrow();
  });

  it('are so many a minute for each rule and kind, and the next one says how many were left out', () => {
    const { told, publish, clock } = setUp(gate(3));
    for (let i = 0; i < 10; i += 1) publish(entered(i));
    publish(empty);
    expect(told.map(({ kind }) => kind)).toEqual([...Array(3).fill('zone.entered'), 'zone.absent']);
    clock.advance(20_000);
    publish(entered(10), entered(11));
    expect(told.at(-1)).toMatchObject({ kind: 'zone.entered', data: { trackId: 10, leftOut: 7 } });
    expect(told).toHaveLength(5);
    clock.advance(600_000);
    for (let i = 0; i < 10; i += 1) publish(entered(i));
    expect(told).toHaveLength(8);
  });

  it('are none where a rule says so, and seldom where it says that', () => {
    const silent = setUp(gate(0));
    silent.publish(entered(1));
    expect(silent.told).toEqual([]);
    const seldom = setUp(gate(0.5));
    seldom.publish(entered(1), entered(2));
    expect(seldom.told).toHaveLength(1);
    seldom.clock.advance(120_000);
    seldom.publish(entered(3));
    expect(seldom.told).toHaveLength(2);
  });
});
