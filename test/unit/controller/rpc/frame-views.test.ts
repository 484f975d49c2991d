import { beforeEach, describe, expect, it } from 'vitest';
import { MissingError } from '../../../../src/base/index.ts';
import { FrameViews } from '../../../../src/controller/rpc/frame-views.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const ann = { tokenId: 't1', name: 'Ann', role: 'viewer' } as const;
const bob = { tokenId: 't2', name: 'Bob', role: 'viewer' } as const;
const unknown = new MissingError('device-unknown', 'no such device', '');

describe('Who looked at hard frames', () => {
  let clock: FakeClock;
  let entries: unknown[][];
  let sent: string[];
  let full: boolean;
  let views: FrameViews;

  beforeEach(() => {
    clock = new FakeClock();
    [entries, sent] = [[], []];
    full = false;
    views = new FrameViews({
      clock,
      frames: {
        fetch: async (device, frame) => {
          if (frame === 'gone') throw new Error('the device has it no more');
          sent.push(`${device}/${frame}`);
          return new Uint8Array(1);
        },
      },
      registry: {
        expect: (device) => {
          if (device !== 'd1') throw unknown;
          return { online: true, birth: { session: 1 } } as never;
        },
      },
      audit: {
        note: async ({ name }, action, target, detail) => {
          if (full) throw new Error('disk full');
          entries.push([name, action, target, detail]);
        },
      },
    });
  });

  it('is written before the first picture, and within ten minutes with all that were sent', async () => {
    for (const frame of ['f1', 'f2', 'f2']) await views.fetch(ann, 'd1', frame);
    await views.writeSeen();
    await expect(views.fetch(ann, 'd1', 'gone')).rejects.toThrow('no more');
    expect(entries).toEqual([['Ann', 'frames.view', 'd1', { role: 'viewer', frame: 'f1' }]]);
    clock.advance(600_000);
    await views.writeSeen();
    expect(entries.slice(1)).toEqual([['Ann', 'frames.viewed', 'd1', { pictures: 3, frames: ['f1', 'f2'] }]]);
    await views.writeSeen({ all: true });
    await views.fetch(ann, 'd1', 'f3');
    expect(entries.slice(2)).toEqual([['Ann', 'frames.view', 'd1', { role: 'viewer', frame: 'f3' }]]);
  });

  it('is told for each person, at the end too, and names fifty', async () => {
    for (let i = 0; i < 60; i++) await views.fetch(ann, 'd1', `f${i}`);
    await views.fetch(bob, 'd1', 'f0');
    await views.writeSeen({ all: true });
    const told = entries.filter(([, action]) => action === 'frames.viewed');
    expect(told.map(([name, , , detail]) => [name, (detail as { pictures: number }).pictures])).toEqual([
      ['Ann', 60],
      ['Bob', 1],
    ]);
    expect(told[0]?.[3]).toMatchObject({ frames: Array.from({ length: 50 }, (_, i) => `f${i}`) });
  });

  it('is not looked at by anybody where it cannot be written, and is told later where its end cannot', async () => {
    full = true;
    await expect(views.fetch(ann, 'd1', 'f1')).rejects.toThrow('disk full');
    expect(sent).toEqual([]);
    full = false;
    await views.fetch(ann, 'd1', 'f1');
    full = true;
    await views.writeSeen({ all: true });
    full = false;
    await views.writeSeen({ all: true });
    expect(entries.at(-1)).toEqual(['Ann', 'frames.viewed', 'd1', { pictures: 1, frames: ['f1'] }]);
  });

  it('of a device that is none fills no audit', async () => {
    await expect(views.fetch(ann, 'd2', 'f1')).rejects.toBe(unknown);
    expect(entries).toEqual([]);
  });

  it('is one entry of pictures that are asked for at once, and none where it cannot be written', async () => {
    full = true;
    const failed = await Promise.allSettled([1, 2, 3].map((i) => views.fetch(ann, 'd1', `f${i}`)));
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    full = false;
    await Promise.all(Array.from({ length: 20 }, (_, i) => views.fetch(ann, 'd1', `f${i}`)));
    await views.writeSeen({ all: true });
    expect(entries).toMatchObject([
      ['Ann', 'frames.view', 'd1', { frame: 'f0' }],
      ['Ann', 'frames.viewed', 'd1', { pictures: 20 }],
    ]);
  });

  it('is not lost where two write it out at once and it fails', async () => {
    await views.fetch(ann, 'd1', 'f1');
    full = true;
    await Promise.all([views.writeSeen({ all: true }), views.writeSeen({ all: true })]);
    full = false;
    await views.writeSeen({ all: true });
    expect(entries.at(-1)).toEqual(['Ann', 'frames.viewed', 'd1', { pictures: 1, frames: ['f1'] }]);
  });
});
