import { afterEach, describe, expect, it } from 'vitest';
import { settle } from '../../../fakes/fake-clock.ts';
import { bridged, closeBridges } from './bridge-under-test.ts';

afterEach(closeBridges);

describe('The bridge of a robot', () => {
  it('makes health of what other nodes say, and events', async () => {
    const { bridge, events, diagnose, clock } = bridged();
    let changed = 0;
    bridge.onChange(() => {
      changed += 1;
    });
    await settle();
    await diagnose('motor left', 2, 'over-current');
    await diagnose('goshawk: front', 2, 'no result');
    clock.advance(4000);
    expect(events).toEqual([
      {
        ...{ kind: 'robot.fault', severity: 'error' },
        message: 'motor left is in state error: over-current.',
        data: { name: 'motor left', level: 'error' },
      },
    ]);
    expect(changed).toBe(1);
    expect(bridge.report()).toEqual({
      parts: 1,
      problems: [{ name: 'motor left', level: 'error', message: 'over-current', sinceMs: 1_000_000 }],
    });
    await diagnose('motor left', 0, '');
    clock.advance(4000);
    expect(events[1]).toMatchObject({ kind: 'robot.recovered' });
    expect(bridge.report()).toEqual({ parts: 1, problems: [] });
  });

  it('tells that a part which was not well is forgotten, and reports it', async () => {
    const { bridge, events, diagnose, clock } = bridged();
    await settle();
    await diagnose('motor left', 2, 'over-current');
    clock.advance(4000);
    let reports = 0;
    bridge.onChange(() => {
      reports += 1;
    });
    clock.advance(600_000);
    expect(events.map(({ kind, message }) => [kind, message]).slice(1)).toEqual([
      ['robot.fault', 'motor left is in state stale: it is not heard any more.'],
      ['robot.recovered', 'motor left is forgotten: it was not heard for ten minutes.'],
    ]);
    expect(events[2]?.data).toEqual({ name: 'motor left', level: 'ok', forgotten: true });
    expect(reports).toBe(2);
    expect(bridge.report()).toEqual({ parts: 0, problems: [] });
  });

  it('tells of a part that is not well behind 128 that are, and says now and then that there are more', async () => {
    const { bridge, log, diagnose, clock } = bridged();
    await settle();
    for (let at = 0; at < 200; at += 1) {
      clock.advance(20);
      await diagnose(`fine ${at}`, 0, '');
    }
    await diagnose('brakes', 2, 'broken');
    clock.advance(4000);
    expect(bridge.report()).toMatchObject({ parts: 128, problems: [{ name: 'brakes', level: 'error' }] });
    const told = () => log.at('warn').filter(([message]) => message.includes('more parts'));
    await diagnose('fine 199', 0, '');
    clock.advance(590_000);
    expect(told()).toHaveLength(1);
    expect(told()[0]?.[1]?.parts).toBe(128);
    clock.advance(10_000);
    expect(told()).toHaveLength(2);
  });

  it('makes 60 reports an hour of diagnostics that never rest, and reads 50 messages a second', async () => {
    const { bridge, diagnose, clock } = bridged();
    let reports = 0;
    bridge.onChange(() => {
      reports += 1;
    });
    await settle();
    for (let at = 0; at < 60; at += 1) await diagnose(`part ${at}`, 0, '');
    expect(bridge.report()?.parts).toBe(50);
    for (let minute = 0; minute < 30; minute += 1)
      for (const level of [2, 0]) {
        for (let second = 0; second < 5; second += 1) {
          await diagnose(`part ${minute % 3}`, level, '');
          clock.advance(1000);
        }
      }
    expect(reports).toBeGreaterThan(20);
    for (let at = 0; at < 200; at += 1) {
      await diagnose('part 9', at % 2 === 0 ? 2 : 0, '');
      clock.advance(4000);
    }
    expect(reports).toBeLessThanOrEqual(60 + Math.ceil(1100 / 60));
  });
});
