import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { exportFrames, fetchFrame, framePages } from '../../../../src/runtime/index.ts';
import { FakeFleetApi } from '../../../fakes/fake-fleet-api.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

describe('Hard frames of a device', () => {
  let api: FakeFleetApi;
  beforeEach(() => {
    api = new FakeFleetApi();
    const ids = Array.from({ length: 50 }, (_, i) => `f${String(i).padStart(2, '0')}`);
    api.answers.set('/devices/d%2F1/frames', ({ after, limit }: { after?: string; limit: number }) => {
      const from = after === undefined ? 0 : ids.indexOf(after) + 1;
      const frames = ids.slice(from, from + limit).map((id) => ({ id }));
      return { frames, more: from + limit < ids.length, total: { count: 50, bytes: 1e6 } };
    });
  });

  async function list(limit: number, after?: string) {
    const pages = [];
    for await (const page of framePages(api, 'd/1', { limit, after })) pages.push(page);
    return { ids: pages.flatMap(({ frames }) => frames.map(({ id }) => id)), more: pages.at(-1)?.more };
  }

  it('come page by page until there are no more', async () => {
    const { ids, more } = await list(100);
    expect([ids.length, new Set(ids).size, more]).toEqual([50, 50, false]);
    expect(api.asked.map(({ query }) => query)).toMatchObject([
      { limit: 20 },
      { after: 'f19' },
      { after: 'f39' },
    ]);
  });

  it('come up to the limit, and say that there are more', async () => {
    const { ids, more } = await list(25, 'f09');
    expect([ids[0], ids.at(-1), ids.length, more]).toEqual(['f10', 'f34', 25, true]);
    expect(api.asked.map(({ query }) => query)).toMatchObject([{ limit: 20 }, { limit: 5 }]);
  });

  it('end where a device says that there are more and sends none', async () => {
    const page = { frames: [], more: true, total: { count: 9, bytes: 1 } };
    api.answers.set('/devices/d%2F1/frames', page);
    expect(await list(100)).toEqual({ ids: [], more: true });
  });

  it('are written whole', async () => {
    const file = join(temporaryFolder(), 'frame.jpg');
    api.answers.set('/devices/d1/frames/f1', new Response('jpeg'));
    await fetchFrame(api, 'd1', 'f1', file);
    expect(readFileSync(file, 'utf8')).toBe('jpeg');
  });

  it('leave nothing behind where the connection breaks', async () => {
    const folder = temporaryFolder();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array(1000));
      },
      pull(controller) {
        controller.error(new Error('The device is gone.'));
      },
    });
    api.answers.set('/devices/d1/frames.tar', new Response(body));
    const saved = exportFrames(api, 'd1', { reason: 'alarm' }, join(folder, 'frames.tar'));
    await expect(saved).rejects.toMatchObject({ code: 'download-cut' });
    expect(readdirSync(folder)).toEqual([]);
    expect(api.asked[0]?.query).toMatchObject({ reason: 'alarm' });
  });

  it('say that the disk refuses, not the controller', async () => {
    const file = join(temporaryFolder(), 'nowhere', 'frames.tar');
    api.answers.set('/devices/d1/frames.tar', new Response('tar'));
    const refused = await exportFrames(api, 'd1', {}, file).catch((error: unknown) => error);
    expect(refused).toMatchObject({ message: expect.stringContaining('nowhere') });
    expect(refused).not.toMatchObject({ code: 'download-cut' });
    expect(existsSync(file)).toBe(false);
  });
});
