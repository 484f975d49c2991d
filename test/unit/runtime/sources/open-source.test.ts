import { describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import { Pipeline } from '../../../../src/perception/index.ts';
import { addCameras } from '../../../../src/runtime/device/cameras.ts';
import { ManagedCameras } from '../../../../src/runtime/device/managed-cameras.ts';
import { RosLink } from '../../../../src/runtime/ros/ros-link.ts';
import { checkSource } from '../../../../src/runtime/sources/open-source.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { FakeDetector } from '../../perception/fakes.ts';

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
    const camera = { fps: 30, seed: 1, loop: true };
    await addCameras(
      pipeline,
      { front: { ...camera, source: '/nowhere/street.mp4' }, rear: { ...camera, source: '/nowhere' } },
      { clock, random: () => 0.5, ros: new RosLink({ clock, log }) },
      new ManagedCameras(true),
    );
    await pipeline.start();
    expect(pipeline.cameras).toEqual(['front', 'rear']);
    await pipeline.close();
  });
});
