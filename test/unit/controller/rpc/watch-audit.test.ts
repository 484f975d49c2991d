import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditLog } from '../../../../src/controller/audit/audit-log.ts';
import { WatchAudit } from '../../../../src/controller/rpc/watch-audit.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const ann = { tokenId: 't1', name: 'Ann', role: 'operator' } as const;
const bob = { tokenId: 't2', name: 'Bob', role: 'viewer' } as const;

describe('Who watched', () => {
  let clock: FakeClock;
  let entries: unknown[][];
  let full: boolean;
  let watches: WatchAudit;

  beforeEach(() => {
    clock = new FakeClock();
    entries = [];
    full = false;
    const audit = {
      note: async ({ name }: { name: string }, action: string, target: string, detail: unknown) => {
        if (full) throw new Error('disk full');
        entries.push([name, action, target, detail]);
      },
    };
    watches = new WatchAudit({ audit: audit as unknown as AuditLog, clock });
  });

  it('is written before the first picture, and at the end with what was seen', async () => {
    await watches.began(ann, 'd1', 'front');
    clock.advance(30_000);
    await watches.ended(ann, 'd1', 'front', { seconds: 30.4, pictures: 120, privacy: ['blurred'] });
    expect(entries).toEqual([
      ['Ann', 'preview.watch', 'd1/front', { role: 'operator' }],
      ['Ann', 'preview.end', 'd1/front', { seconds: 30, pictures: 120, privacy: ['blurred'] }],
    ]);
  });

  it('is one entry for a page that connects again and again, and one for each person and camera', async () => {
    for (let i = 0; i < 50; i++) {
      await watches.began(ann, 'd1', 'front');
      clock.advance(5000);
      await watches.ended(ann, 'd1', 'front', { seconds: 5, pictures: 10, privacy: ['blurred'] });
    }
    await watches.began(bob, 'd1', 'front');
    await watches.began(ann, 'd1', 'rear');
    expect(entries.map(([name, action, target]) => `${name} ${action} ${target}`)).toEqual([
      'Ann preview.watch d1/front',
      'Bob preview.watch d1/front',
      'Ann preview.watch d1/rear',
    ]);
    clock.advance(700_000);
    await watches.began(ann, 'd1', 'front');
    expect(entries).toHaveLength(4);
    // All the short looks together.
    await watches.writeShort({ all: true });
    expect(entries.slice(4)).toEqual([
      ['Ann', 'preview.end', 'd1/front', { seconds: 250, pictures: 500, privacy: ['blurred'] }],
    ]);
  });

  it('in many looks of nine seconds is told every ten minutes', async () => {
    for (let i = 0; i < 200; i++) {
      await watches.began(ann, 'd1', 'front');
      clock.advance(9000);
      await watches.ended(ann, 'd1', 'front', {
        seconds: 9,
        pictures: 1,
        privacy: [i < 100 ? 'blurred' : 'plain'],
      });
      await watches.writeShort();
    }
    const ends = entries.filter(([, action]) => action === 'preview.end').map(([, , , detail]) => detail);
    expect(ends.slice(0, 2)).toEqual([
      { seconds: 612, pictures: 68, privacy: ['blurred'] },
      { seconds: 612, pictures: 68, privacy: ['blurred', 'plain'] },
    ]);
    await watches.writeShort({ all: true });
    const pictures = entries.map(([, , , detail]) => (detail as { pictures?: number }).pictures ?? 0);
    expect(pictures.reduce((sum, one) => sum + one)).toBe(200);
  });

  it('is told later where its end cannot be written', async () => {
    await watches.began(ann, 'd1', 'front');
    full = true;
    await watches.ended(ann, 'd1', 'front', { seconds: 30, pictures: 120, privacy: ['plain'] });
    full = false;
    clock.advance(600_000);
    await watches.writeShort();
    expect(entries.at(-1)?.[3]).toEqual({ seconds: 30, pictures: 120, privacy: ['plain'] });
    // And once.
    await watches.writeShort({ all: true });
    expect(entries).toHaveLength(2);
  });

  it('is not watched by anybody where it cannot be written', async () => {
    full = true;
    await expect(watches.began(ann, 'd1', 'front')).rejects.toThrow('disk full');
    full = false;
    await watches.began(ann, 'd1', 'front');
    expect(entries).toHaveLength(1);
  });

  it('is not lost where it is forgotten while it is written, and that fails', async () => {
    let fail = (): void => {};
    const slow = new Promise<void>((_, reject) => {
      fail = () => reject(new Error('disk full'));
    });
    const details: unknown[] = [];
    const note = (_caller: unknown, action: string, _target: string, detail: unknown) => {
      if (action === 'preview.end' && details.push(detail) === 1) return slow;
      return Promise.resolve();
    };
    watches = new WatchAudit({ audit: { note } as unknown as AuditLog, clock });
    await watches.began(ann, 'd1', 'front');
    const end = watches.ended(ann, 'd1', 'front', { seconds: 30, pictures: 9, privacy: [] });
    await watches.writeShort({ all: true });
    fail();
    await end;
    await watches.writeShort({ all: true });
    expect(details).toMatchObject([
      { seconds: 30, pictures: 9 },
      { seconds: 30, pictures: 9 },
    ]);
  });
});
