import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import { type FrameSource, Pipeline } from '../../../../src/perception/index.ts';
import { addCameras } from '../../../../src/runtime/device/cameras.ts';
import { RosLink } from '../../../../src/runtime/ros/ros-link.ts';
import { checkSource, openSource, type SourceRequest } from '../../../../src/runtime/sources/open-source.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { FakeDetector } from '../../perception/fakes.ts';

const request = (change: Partial<SourceRequest> = {}): SourceRequest => ({
  ...{ clock: new FakeClock(), realtime: false, fps: 30, loop: false },
  ...change,
});
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
let jpeg: Buffer;
beforeAll(async () => {
  jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
});

function pictures(count: number): string {
  const folder = temporaryFolder();
  for (let i = 0; i < count; i++) writeFileSync(join(folder, `${i}.jpg`), jpeg);
  return folder;
}

describe('A source that is named', () => {
  it('is a folder with as many frames as it has pictures, none of which may be lost', async () => {
    const { kind, lossless, total, source } = await openSource(pictures(3), request({ camera: 'front' }));
    expect([kind, lossless, total, source.camera]).toEqual(['folder', true, 3, 'front']);
  });

  it.each([
    ['all', {}, 3],
    ['no more than asked for', { limit: 2 }, 2],
    ['all, where more are asked for', { limit: 9 }, 3],
    ['as many as asked for, where it goes round', { loop: true, limit: 9 }, 9],
    ['nobody knows how many, where it goes round', { loop: true }, undefined],
  ])('gives of a folder %s', async (_, change, total) => {
    expect((await openSource(pictures(3), request(change))).total).toBe(total);
  });

  it('is one picture', async () => {
    expect(await openSource(join(pictures(1), '0.jpg'), request())).toMatchObject({
      kind: 'folder',
      total: 1,
    });
  });

  it('may lose frames when it is played as a camera does', async () => {
    expect((await openSource(pictures(1), request({ realtime: true }))).lossless).toBe(false);
  });

  it('is the simulated street, which has no end', async () => {
    const opened = await openSource('sim', request({ camera: 'front', limit: 5 }));
    expect([opened.kind, opened.lossless, opened.total]).toEqual(['sim', false, undefined]);
    await opened.source.close();
  });

  it('is a topic, where there is a way to ROS', async () => {
    const asked: unknown[] = [];
    const source = { camera: 'front' } as FrameSource;
    const ros = {
      source: async (...all: unknown[]) => {
        asked.push(all);
        return source;
      },
    } as unknown as RosLink;
    const opened = await openSource('ros:/cam/image', request({ ros, camera: 'front', frameId: 'optical' }));
    expect(opened).toEqual({ source, lossless: false, kind: 'ros' });
    expect(asked).toEqual([['ros:/cam/image', 'front', 'optical']]);
  });

  it.skipIf(!hasFfmpeg)(
    `is a video with its rate and its frames${hasFfmpeg ? '' : ' (skipped: ffmpeg is not installed)'}`,
    async () => {
      const path = join(temporaryFolder(), 'card.avi');
      const card = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10:duration=0.5'];
      spawnSync('ffmpeg', ['-v', 'error', ...card, path]);
      expect(await openSource(path, request())).toMatchObject({
        kind: 'video',
        lossless: true,
        fps: 10,
        total: 5,
      });
    },
  );

  it('that is not there, or holds nothing, is refused with what may be named', async () => {
    await expect(openSource('/nowhere', request())).rejects.toMatchObject({
      code: 'source-missing',
      remedy: expect.stringContaining('ros:<topic>'),
    });
    const empty = join(temporaryFolder(), 'empty');
    mkdirSync(empty);
    await expect(openSource(empty, request())).rejects.toMatchObject({ code: 'folder-empty' });
    await expect(openSource('/dev/null', request())).rejects.toMatchObject({ code: 'source-kind' });
    // Without a way to ROS it is a path like any other.
    await expect(openSource('ros:/cam/image', request())).rejects.toMatchObject({ code: 'source-missing' });
  });
});

describe('The source of a camera', () => {
  it.each(['rtsp://10.0.0.1/stream', 'ross:/front/image', 'http://camera/1.jpg', 'sim?fog=9', 'ros:'])(
    'that can never work is refused before anything runs: %s',
    (spec) => {
      expect(() => checkSource(spec)).toThrow(InputError);
    },
  );

  it.each(['sim', 'sim?fog=4&after=20s', 'ros:/front/image', '/pictures/not there', 'a:b.mp4', 'street.mp4'])(
    'may come later: %s',
    (spec) => {
      expect(() => checkSource(spec)).not.toThrow();
    },
  );

  it('that is not there leaves the agent its start', async () => {
    const clock = new FakeClock();
    const log = new RecordingLog();
    const pipeline = new Pipeline({ detector: new FakeDetector(), sinks: [], clock });
    const camera = { fps: 30, seed: 1, loop: true };
    await addCameras(
      pipeline,
      { front: { ...camera, source: '/nowhere/street.mp4' }, rear: { ...camera, source: '/nowhere' } },
      { clock, random: () => 0.5, ros: new RosLink({ clock, log }) },
    );
    await pipeline.start();
    expect(pipeline.cameras).toEqual(['front', 'rear']);
    await pipeline.close();
  });
});
