import { expect, it } from 'vitest';
import { HostLoad } from '../../../../src/adapters/system/index.ts';

it('The load of other programs is a share of all cores, and unknown where too little time passed', async () => {
  const load = new HostLoad();
  expect(load.takeOthersShare()).toBeUndefined();
  let share: number | undefined;
  await expect.poll(() => (share = load.takeOthersShare()), { timeout: 20_000 }).toBeDefined();
  expect(share).toBeGreaterThanOrEqual(0);
  expect(share).toBeLessThanOrEqual(1);
});
