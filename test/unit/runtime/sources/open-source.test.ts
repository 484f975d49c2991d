import { describe, expect, it, vi } from 'vitest';
import { SystemClock } from '../../../../src/adapters/system/index.ts';
import { InputError } from '../../../../src/base/index.ts';
import { Pipeline } from '../../../../src/perception/index.ts';
import { addCameras } from '../../../../src/runtime/device/cameras.ts';
import { ManagedCameras } from '../../../../src/runtime/device/managed-cameras.ts';
import { RosLink } from '../../../../src/runtime/ros/ros-link.ts';
import { checkSource } from '../../../../src/runtime/sources/open-source.ts';
import { noPictureFiles } from '../../../conformance/native-build.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { FakeDetector } from '../../perception/fakes.ts';

const camera = { fps: 30, seed: 1, loop: true, memory: 'host' } as const;

describe('The source of a camera', () => {
  it.each(['ftp://10.0.0.1/stream', 'ross:/front/image', 'smb://camera/1.jpg', 'sim?fog=9', 'ros:'])(
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
    await addCameras(
      pipeline,
      { front: { ...camera, source: '/nowhere/street.mp4' }, rear: { ...camera, source: '/nowhere' } },
      { clock, log, random: () => 0.5, ros: new RosLink({ clock, log }) },
      new ManagedCameras(true),
    );
    await pipeline.start();
    expect(pipeline.cameras).toEqual(['front', 'rear']);
    await pipeline.close();
  });
});

const why = noPictureFiles();
describe.skipIf(why !== undefined)(
  `Where a camera leaves its pictures${why === undefined ? '' : ` (skipped: ${why})`}`,
  () => {
    it.each([
      ['where the decoder put them, if every engine reads them there', ['memfd'] as const, 'device', true, 0],
      ['copied, with a line in the log, if one does not', undefined, 'device', false, 1],
      ['copied, unless its settings say otherwise', ['memfd'] as const, 'host', false, 0],
    ])('is %s', async (_where, memories, memory, stays, warnings) => {
      const clock = new SystemClock();
      const log = new RecordingLog();
      const detector = Object.assign(new FakeDetector(), memories === undefined ? {} : { memories });
      const pipeline = new Pipeline({ detector, sinks: [], clock });
      const source = 'gst:videotestsrc is-live=true ! video/x-raw,format=NV12,width=64,height=48';
      await addCameras(
        pipeline,
        { front: { ...camera, source, memory: memory as 'host' | 'device' } },
        { clock, log, random: () => 0.5, ros: new RosLink({ clock, log }) },
        new ManagedCameras(true),
      );
      await pipeline.start();
      await vi.waitFor(() => expect(detector.open).not.toEqual([]), { timeout: 20_000 });
      const [task] = detector.open;
      expect(task?.frame.pixels.device !== undefined).toBe(stays);
      expect(task?.frame.pixels.data).toHaveLength(64 * 48 * 1.5);
      expect(log.at('warn')).toHaveLength(warnings);
      task?.answer();
      await pipeline.close();
    });
  },
);
