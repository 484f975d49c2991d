import { beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../../../src/api/index.ts';
import { AlertClips, mostClips } from '../../../../src/controller/alerts/alert-clips.ts';
import type { AlertRuleRow } from '../../../../src/controller/store/rows.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

describe('Clips for alerts', () => {
  let clock: FakeClock;
  let log: RecordingLog;
  let ordered: unknown[];
  let failure: Error | undefined;
  let clips: AlertClips;
  const rule = { name: 'crowd', clip: { before: 30 } } as AlertRuleRow;
  const alertOf = (device: string | undefined, camera?: string) => ({ id: 'a1', device, camera }) as Alert;
  const kept = { clips: true as const };

  beforeEach(() => {
    clock = new FakeClock();
    log = new RecordingLog();
    ordered = [];
    failure = undefined;
    const cameras = { front: kept, rear: kept, side: {}, top: kept, east: kept, west: kept };
    clips = new AlertClips({
      ...{ clock, log },
      registry: { get: () => ({ reported: { cameras } }) as never },
      clips: {
        record: async ({ name }, device, request) => {
          ordered.push([name, device, request]);
          if (failure !== undefined) throw failure;
          return { id: '1-0', fromMs: 0, untilMs: 1 };
        },
      },
    });
  });

  it('are ordered of the camera of the alert, by its name', async () => {
    clips.fired(alertOf('d1', 'rear'), rule);
    await settle();
    expect(ordered).toEqual([['alert a1: crowd', 'd1', { camera: 'rear', before: 30 }]]);
  });

  it('are ordered of the first cameras of a device that keep any', async () => {
    clips.fired(alertOf('d1'), rule);
    await settle();
    const cameras = ordered.map((one) => (one as [string, string, { camera: string }])[2].camera);
    expect(cameras).toEqual(['front', 'rear', 'top', 'east']);
  });

  it.each([
    ['whose rule asks for none', alertOf('d1', 'rear'), { name: 'crowd' } as AlertRuleRow],
    ['of a cohort', alertOf(undefined), rule],
    ['of a camera that keeps none', alertOf('d1', 'side'), rule],
  ])('are not ordered for an alert %s', async (_, alert, by) => {
    clips.fired(alert, by);
    await settle();
    expect(ordered).toEqual([]);
  });

  it('are so many an hour of a device, and of the fleet', async () => {
    for (let at = 0; at < 20; at++) clips.fired(alertOf('d1', 'rear'), rule);
    expect(ordered).toHaveLength(mostClips.ofDevice);
    for (let at = 0; at < 200; at++) clips.fired(alertOf(`e${at}`, 'rear'), rule);
    expect(ordered).toHaveLength(mostClips.ofFleet);
    await settle();
    expect(JSON.stringify(log.lines)).toContain('too many in the last hour');
    await clock.pass(3_600_000);
    clips.fired(alertOf('d1', 'rear'), rule);
    expect(ordered).toHaveLength(mostClips.ofFleet + 1);
  });

  it('that a device refuses are said in the log, and hold nothing up', async () => {
    failure = new Error('It is offline.');
    clips.fired(alertOf('d1', 'rear'), rule);
    await settle();
    expect(JSON.stringify(log.lines)).toContain('It is offline.');
  });
});
