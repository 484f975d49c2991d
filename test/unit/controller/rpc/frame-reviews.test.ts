import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mostReviews } from '../../../../src/controller/rpc/frame-reviews.ts';
import { admin, TestFleet } from '../../../fakes/test-fleet.ts';

describe('Verdicts about hard frames', () => {
  let fleet: TestFleet;
  beforeEach(async () => {
    fleet = await TestFleet.open();
    await fleet.birth('d1');
    await fleet.settle();
  });
  afterEach(() => fleet.stop());

  const reviews = () => fleet.controller.frameReviews;

  it('name who gave them and when, are in the audit log, and are there after a restart', async () => {
    await reviews().review(admin, 'd1', '1-0', 'accepted');
    await reviews().review(admin, 'd1', '2-0', 'accepted');
    await reviews().review(admin, 'd1', '2-0', 'rejected');
    const { entries } = await fleet.controller.audit.list({ action: 'frame.reviewed' });
    expect(entries.map(({ target, detail }) => [target, detail])).toEqual([
      ['d1', '{"frame":"2-0","verdict":"rejected"}'],
      ['d1', '{"frame":"2-0","verdict":"accepted"}'],
      ['d1', '{"frame":"1-0","verdict":"accepted"}'],
    ]);
    await fleet.restart();
    expect(reviews().list('d1').reviews).toMatchObject({
      '1-0': { verdict: 'accepted', by: 'ann (t1)' },
      '2-0': { verdict: 'rejected' },
    });
  });

  it.each([
    [undefined, [true, true, true]],
    ['accepted', [true, false, false]],
    ['not-rejected', [true, false, true]],
  ] as const)('decide what an export of %s takes: accepted, rejected, neither', async (wanted, taken) => {
    await reviews().review(admin, 'd1', '1-0', 'accepted');
    await reviews().review(admin, 'd1', '2-0', 'rejected');
    await reviews().review(admin, 'd1', '3-0', 'rejected');
    await reviews().review(admin, 'd1', '3-0', undefined);
    expect(['1-0', '2-0', '3-0'].map((frame) => reviews().fits('d1', frame, wanted))).toEqual(taken);
  });

  it('drop the oldest where there are too many', async () => {
    for (let frame = 0; frame <= mostReviews; frame += 1)
      await reviews().review(admin, 'd1', `${frame.toString(36)}-0`, 'rejected');
    const kept = Object.keys(reviews().list('d1').reviews);
    expect(kept).toHaveLength(mostReviews);
    expect(kept).not.toContain('0-0');
    expect(kept).toContain(`${mostReviews.toString(36)}-0`);
  });

  it('are refused for a device that is not known', async () => {
    await expect(async () => reviews().review(admin, 'd2', '1-0', 'accepted')).rejects.toMatchObject({
      code: 'device-unknown',
    });
  });
});
