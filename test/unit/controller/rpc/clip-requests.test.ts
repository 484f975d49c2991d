import { beforeEach, describe, expect, it } from 'vitest';
import { ClipRequests } from '../../../../src/controller/rpc/clip-requests.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const caller = { tokenId: 't1', name: 'Ann', role: 'viewer' } as const;
const mp4 = Uint8Array.from({ length: 300_000 }, (_, i) => i & 255);

describe('Requests for clips', () => {
  let clock: FakeClock;
  let entries: unknown[];
  let calls: { method: string; request: { offset?: number } }[];
  let auditFails: boolean;
  let size: number;
  let online: boolean;
  let clips: ClipRequests;

  beforeEach(() => {
    clock = new FakeClock();
    entries = [];
    calls = [];
    auditFails = false;
    size = mp4.length;
    online = true;
    const note = async (...[by, action, target, detail]: unknown[]) => {
      if (auditFails) throw new Error('The disk is full.');
      entries.push([(by as { name: string }).name, action, target, detail]);
    };
    clips = new ClipRequests({
      clock,
      audit: { note },
      commands: {
        execute: async (
          by: unknown,
          action: string,
          target: string,
          detail: unknown,
          make: () => unknown,
        ) => {
          make();
          await note(by, action, target, detail);
        },
      },
      registry: {
        expect: (id: string) => ({ id, online, lastSeenMs: 1_790_000_000_000, birth: { session: 1 } }),
      },
      rpc: {
        call: async (_: string, method: string, request: { offset?: number }) => {
          calls.push({ method, request });
          const { offset = 0 } = request;
          const data = Buffer.from(mp4.subarray(offset, offset + 128 * 1024)).toString('base64');
          return { size, data };
        },
      },
    } as never);
  });

  async function bytes(from: number, to: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of clips.read('d1', '1-0', from, to)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  it.each([
    [0, 299_999],
    [0, 0],
    [131_071, 131_072],
    [200_000, 299_999],
  ])('give the bytes from %i to %i, piece by piece', async (from, to) => {
    expect((await bytes(from, to)).equals(mp4.subarray(from, to + 1))).toBe(true);
  });

  it('say that a device sends no more', async () => {
    await expect(bytes(0, 400_000)).rejects.toMatchObject({ code: 'clip-incomplete' });
  });

  it('write who looks before anything is asked of the device, once in ten minutes', async () => {
    expect(await clips.open(caller, 'd1', '1-0')).toBe(300_000);
    await clips.open(caller, 'd1', '1-0');
    expect(entries).toEqual([['Ann', 'clips.view', 'd1', { role: 'viewer', clip: '1-0' }]]);
    await clock.pass(600_000);
    await clips.open(caller, 'd1', '1-0');
    expect(entries).toHaveLength(2);
  });

  it('give nothing where it can’t be written who looks', async () => {
    auditFails = true;
    await expect(clips.open(caller, 'd1', '1-0')).rejects.toThrow('full');
    await expect(clips.record(caller, 'd1', { camera: 'front' })).rejects.toThrow('full');
    expect(calls).toEqual([]);
  });

  it('refuse a device that is offline at once, say when it was last seen, and record no view', async () => {
    online = false;
    const told = { code: 'device-offline', message: 'd1 is offline: last seen 2026-09-21 14:13:20 UTC.' };
    await expect(clips.open(caller, 'd1', '1-0')).rejects.toMatchObject(told);
    await expect(clips.record(caller, 'd1', { camera: 'front' })).rejects.toMatchObject(told);
    expect([entries, calls]).toEqual([[], []]);
  });

  it('believe no device that names more bytes than a clip can have', async () => {
    size = 5e9;
    await expect(clips.open(caller, 'd1', '1-0')).rejects.toMatchObject({ code: 'clip-size' });
  });
});
