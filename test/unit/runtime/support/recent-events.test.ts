import { expect, it } from 'vitest';
import { RecentEvents } from '../../../../src/runtime/support/recent-events.ts';

it('Events of a support bundle have no picture: the view of a drift alarm is left out', () => {
  const events = new RecentEvents(() => 7);
  const view = { width: 64, height: 36, grey: 'AAAA' };
  events.note({
    ...{ kind: 'drift.alarm', severity: 'warning', message: 'Dark.', camera: 'front' },
    data: { incident: 1, view },
  });
  events.note({ kind: 'camera.lost', severity: 'error', message: 'Gone.' });
  expect(events.list).toEqual([
    {
      ...{ timeMs: 7, kind: 'drift.alarm', severity: 'warning', message: 'Dark.', camera: 'front' },
      data: { incident: 1 },
    },
    { timeMs: 7, kind: 'camera.lost', severity: 'error', message: 'Gone.' },
  ]);
});
