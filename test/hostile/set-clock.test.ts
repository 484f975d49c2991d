import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RolloutFleet } from '../unit/controller/rollouts/rollout-fleet.ts';

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;

describe('A soak of an hour', () => {
  let fleet: RolloutFleet;
  beforeEach(async () => {
    fleet = await RolloutFleet.open(['d1', 'd2']);
    await fleet.push('2.0.0');
    await fleet.create({ waves: [{ devices: ['d1'], soakMinutes: 60 }, { percent: 100 }] });
    await fleet.turn(3);
    await fleet.minutes(10);
    expect(fleet.show()).toMatchObject({ state: 'soaking', wave: 0 });
  });
  afterEach(() => fleet.fleet.stop());

  test.each([
    ['set a day ahead while the controller works', dayMs, false],
    ['set a day ahead at its restart', dayMs, true],
    ['set a day back while the controller works', -dayMs, false],
    ['set a day back at its restart', -dayMs, true],
  ])('takes an hour of watching with the clock %s', async (_, jumpMs, restarts) => {
    if (restarts) await fleet.fleet.stop();
    fleet.fleet.clock.jumpWall(jumpMs);
    if (restarts) await fleet.fleet.restart();
    await fleet.minutes(45);
    expect(fleet.show()).toMatchObject({ state: 'soaking', wave: 0 });
    await fleet.minutes(10);
    expect(fleet.show().waves[0]?.passedMs).toBeDefined();
    expect(fleet.show().notes.some(({ what }) => /soak/.test(what) && /1440|1441/.test(what))).toBe(true);
  });

  test('does not go by while the controller is away', async () => {
    await fleet.fleet.stop();
    await fleet.fleet.clock.pass(3 * 60 * minuteMs);
    await fleet.fleet.restart();
    await fleet.minutes(40);
    expect(fleet.show()).toMatchObject({ state: 'soaking', wave: 0 });
  });
});

describe('A device that downloads for ever', () => {
  test('pauses its rollout after a day although the policy has no deadline', async () => {
    const fleet = await RolloutFleet.open(['d1', 'd2']);
    await fleet.push('2.0.0');
    fleet.behaviours.set('d1', 'downloads');
    await fleet.create({ waves: [{ percent: 100 }] });
    await fleet.minutes(1);
    expect(fleet.stateOf('d1')).toBe('downloading');
    // It is heard all the time.
    fleet.fleet.clock.jumpWall(23 * 60 * minuteMs);
    await fleet.minutes(1);
    expect(fleet.show().state).toBe('running');
    fleet.fleet.clock.jumpWall(60 * minuteMs);
    await fleet.minutes(1);
    expect(fleet.show()).toMatchObject({ state: 'paused', pause: { kind: 'deadline' } });
    expect(fleet.show().pause?.what).toContain('d1 has been at work for 24 h and is downloading');
    await fleet.fleet.stop();
  });
});
