import { expect, test } from 'vitest';
import { admin } from '../fakes/test-fleet.ts';
import { bob, RolloutFleet } from '../unit/controller/rollouts/rollout-fleet.ts';

test('An operator has a limit of open rollouts, and the next operator has a separate one', async () => {
  const ids = Array.from({ length: 22 }, (_, at) => `d${at}`);
  const fleet = await RolloutFleet.open(ids);
  await fleet.push('2.0.0');
  const windows = [{ cron: '0 0 29 2 *', timeZone: 'Europe/Vienna', minutes: 60 }];
  const make = (at: number, caller = bob) =>
    fleet.rollouts.create(caller, {
      name: `r${at}`,
      policy: { model: { name: 'street' }, target: { devices: [`d${at}`] }, windows },
    });
  for (let at = 0; at < 20; at++) await make(at);
  await expect(make(20)).rejects.toMatchObject({ code: 'rollouts-own' });
  await expect(make(20, { ...bob, tokenId: 'another' })).rejects.toMatchObject({ code: 'rollouts-own' });
  await make(21, admin);
  await fleet.rollouts.act(bob, 'r0', { action: 'abort' });
  await fleet.turn(2);
  await make(20);
  await fleet.fleet.stop();
});
