import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../../../src/api/index.ts';
import { AlertRegistry, settleMs } from '../../../../src/controller/alerts/alert-registry.ts';
import type { AlertRuleRow } from '../../../../src/controller/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const rule: AlertRuleRow = {
  id: 'r1',
  name: 'blind',
  enabled: true,
  when: { kind: 'offline' },
  forSeconds: 60,
  scope: { groups: [], devices: [] },
  severity: 'error',
  renotifyMinutes: 60,
  notify: { to: 'https://hooks.example/x', signed: true },
  createdMs: 0,
  changedMs: 0,
};
const minute = 60_000;

let clock: FakeClock;
let sent: string[];
let fired: string[];
let rows: Map<string, Alert>;
let alerts: AlertRegistry;

function newRegistry(): AlertRegistry {
  let count = 0;
  return new AlertRegistry(clock, {
    changed: (alert) => rows.set(alert.id, alert),
    fired: ({ subject }) => fired.push(subject),
    notify: (transition, { subject }) => sent.push(`${transition} ${subject}`),
    newId: () => `alert-${count++}`,
  });
}

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
  fired = [];
  rows = new Map();
  alerts = newRegistry();
});

const see = (holds: boolean | undefined, subject = 'd1', by: AlertRuleRow = rule) =>
  alerts.observe(by, { subject, holds, summary: `${subject} is offline`, device: subject });

/** Sees the same thing every ten seconds. */
function pass(ms: number, holds: boolean | undefined, by: AlertRuleRow = rule): void {
  for (let passed = 0; passed < ms; passed += 10_000) {
    see(holds, 'd1', by);
    clock.advance(10_000);
  }
  see(holds, 'd1', by);
}

describe('Alerts', () => {
  it('fire when their condition held for its time, once, and are resolved when it is over for a minute', () => {
    const startMs = clock.wallMs();
    pass(50_000, true);
    expect(sent).toEqual([]);
    expect(alerts.subjectsOf(rule.id)).toEqual(['d1']);
    pass(10 * minute, true);
    expect(sent).toEqual(['firing d1']);
    expect(fired).toEqual(['d1']);
    expect(alerts.firing).toMatchObject([
      { state: 'firing', sinceMs: startMs, firedMs: startMs + minute, severity: 'error' },
    ]);
    pass(settleMs, false);
    expect(sent).toEqual(['firing d1', 'resolved d1']);
    expect([...rows.values()]).toMatchObject([{ state: 'resolved', endReason: 'over' }]);
    expect(alerts.firing).toEqual([]);
  });

  it('fire at once where the rule does not wait', () => {
    see(true, 'd1', { ...rule, forSeconds: 0 });
    expect(sent).toEqual(['firing d1']);
  });

  it('do not fire for a condition that comes and goes, and are not resolved by one', () => {
    for (let i = 0; i < 20; i++) {
      pass(40_000, true);
      pass(10_000, false);
    }
    expect(sent).toEqual([]);
    pass(2 * minute, true);
    for (let i = 0; i < 20; i++) {
      pass(40_000, false);
      pass(10_000, true);
    }
    expect(sent).toEqual(['firing d1']);
  });

  it('do not change without data', () => {
    pass(50_000, true);
    pass(10 * minute, undefined);
    expect(sent).toEqual([]);
    pass(minute, true);
    expect(sent).toEqual(['firing d1']);
    pass(10 * minute, undefined);
    expect(sent).toEqual(['firing d1']);
  });

  describe('that are silenced', () => {
    const silence = (minutes: number) =>
      alerts.annotate(alerts.firing[0]!.id, ({ silence: _, ...one }) => ({
        ...one,
        ...(minutes === 0 ? {} : { silence: { untilMs: clock.wallMs() + minutes * minute, by: 'ann' } }),
      }));

    it.each([
      ['send no reminder until it is over', 150, 160, true, ['firing d1', 'again d1']],
      ['do not tell of their end meanwhile', 150, 20, false, ['firing d1']],
      ['say nothing more than before where none is due', 10, 20, true, ['firing d1']],
    ] as const)('%s', (_, minutes, passed, holds, messages) => {
      pass(minute, true);
      silence(minutes);
      pass(passed * minute, holds);
      expect(sent).toEqual(messages);
    });

    it('are silent where they end and fire again within the time, and speak up when it is over', () => {
      pass(minute, true);
      silence(30);
      pass(settleMs, false);
      pass(5 * minute, true);
      expect(alerts.firing).toMatchObject([{ id: 'alert-1', notified: 0, silence: { by: 'ann' } }]);
      expect(fired).toEqual(['d1']);
      expect(sent).toEqual(['firing d1']);
      pass(30 * minute, true);
      expect(sent).toEqual(['firing d1', 'firing d1']);
      pass(2 * minute, false);
      expect(sent).toEqual(['firing d1', 'firing d1', 'resolved d1']);
    });

    it('speak again where somebody ends it, and remember it over a restart', () => {
      pass(minute, true);
      silence(300);
      const before = alerts.firing;
      alerts = newRegistry();
      alerts.load(before);
      pass(120 * minute, true);
      expect(sent).toEqual(['firing d1']);
      silence(0);
      pass(30 * minute, true);
      expect(sent).toEqual(['firing d1', 'again d1']);
    });
  });

  it('are sent again while nobody acknowledged them, and not after', () => {
    pass(minute, true);
    pass(125 * minute, true);
    expect(sent).toEqual(['firing d1', 'again d1', 'again d1']);
    expect(alerts.firing[0]?.notified).toBe(3);
    alerts.annotate('alert-0', (one) => ({ ...one, acknowledgedBy: 'ann', acknowledgedMs: clock.wallMs() }));
    pass(200 * minute, true);
    expect(sent).toHaveLength(3);
    expect(alerts.firing[0]).toMatchObject({ state: 'firing', acknowledgedBy: 'ann' });
    pass(2 * minute, false);
    expect(sent.at(-1)).toBe('resolved d1');
  });

  it('are sent once where the rule says so', () => {
    const once = { ...rule, renotifyMinutes: 0 };
    pass(minute, true, once);
    pass(300 * minute, true, once);
    expect(sent).toEqual(['firing d1']);
  });

  it('do not fire because somebody set the clock', () => {
    see(true);
    clock.jumpWall(86_400_000);
    see(true);
    expect(sent).toEqual([]);
    clock.jumpWall(-2 * 86_400_000);
    pass(minute, true);
    expect(sent).toEqual(['firing d1']);
  });

  it('are sent again to a receiver that forgets, every five minutes, also when they are acknowledged', () => {
    const forgetful = {
      ...rule,
      renotifyMinutes: 0,
      notify: { to: 'alertmanager+https://a:9093', signed: false },
    };
    pass(2 * minute, true, forgetful);
    expect(sent).toEqual(['firing d1']);
    const acknowledged = { acknowledgedMs: clock.wallMs(), acknowledgedBy: 'ann' };
    alerts.annotate([...rows.keys()][0] ?? '', (alert) => ({ ...alert, ...acknowledged }));
    pass(11 * minute, true, forgetful);
    expect(sent).toEqual(['firing d1', 'again d1', 'again d1']);
  });

  it('are closed at a receiver that holds an incident, even during a silence', () => {
    const incidents = { ...rule, notify: { to: 'pagerduty+https://p', signed: false } };
    const silence = { by: 'ann', untilMs: clock.wallMs() + 60 * minute };
    pass(2 * minute, true, incidents);
    alerts.annotate([...rows.keys()][0] ?? '', (alert) => ({ ...alert, silence }));
    pass(2 * minute, false, incidents);
    expect(sent).toEqual(['firing d1', 'resolved d1']);
  });

  it('go on after a restart, without firing again, and end as they would have', () => {
    pass(minute, true);
    const kept = [...rows.values()];
    alerts = newRegistry();
    alerts.load(kept);
    pass(5 * minute, true);
    expect(sent).toEqual(['firing d1']);
    pass(2 * minute, false);
    expect(sent).toEqual(['firing d1', 'resolved d1']);
    expect(rows.size).toBe(1);
  });

  it('end without waiting when they became part of another', () => {
    pass(minute, true);
    alerts.end(rule, 'd1', 'merged');
    expect([...rows.values()]).toMatchObject([{ state: 'resolved', endReason: 'merged' }]);
  });

  it('of one rule have a limit', () => {
    for (let i = 0; i < 2500; i++) see(true, `d${i}`, { ...rule, forSeconds: 0 });
    expect(alerts.firing).toHaveLength(2000);
  });

  it('fire at most once per subject between two ends, whatever is seen', () => {
    const step = fc.record({
      subject: fc.constantFrom('d1', 'd2'),
      holds: fc.constantFrom(true, false, undefined),
      waitMs: fc.constantFrom(0, 20_000, 61_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        clock = new FakeClock();
        sent = [];
        rows = new Map();
        alerts = newRegistry();
        for (const { subject, holds, waitMs } of steps) {
          see(holds, subject, { ...rule, renotifyMinutes: 0 });
          clock.advance(waitMs);
        }
        for (const subject of ['d1', 'd2']) {
          const own = sent.filter((line) => line.endsWith(subject)).map((line) => line.split(' ')[0]);
          own.forEach((transition, index) => {
            expect(transition).toBe(index % 2 === 0 ? 'firing' : 'resolved');
          });
          expect(alerts.firing.filter((alert) => alert.subject === subject)).toHaveLength(own.length % 2);
        }
      }),
      { seed: 6 },
    );
  });
});
