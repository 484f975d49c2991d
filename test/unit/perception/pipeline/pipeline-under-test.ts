import { Pipeline, type PipelineEvent } from '../../../../src/perception/index.ts';
import type { AddCameraOptions, PipelineOptions } from '../../../../src/perception/pipeline/pipeline.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeDetector, FakeSink, FakeSource, FramePool } from '../fakes.ts';

/** A pipeline at work, with what it is tried with. */
export async function setUp(
  over: Partial<PipelineOptions> = {},
  cameras: Record<string, AddCameraOptions> = { front: {} },
) {
  const pool = new FramePool();
  const clock = new FakeClock();
  const detector = new FakeDetector();
  const sink = new FakeSink();
  const events: PipelineEvent[] = [];
  const pipeline = new Pipeline({
    detector,
    sinks: [sink],
    clock,
    timeoutMs: 1000,
    onEvent: (event) => events.push(event),
    ...over,
  });
  const sources = new Map<string, FakeSource>();
  for (const [camera, options] of Object.entries(cameras)) {
    const source = new FakeSource(camera);
    sources.set(camera, source);
    await pipeline.add(source, options);
  }
  await pipeline.start();
  const send = async (camera = 'front', over: Parameters<FramePool['frame']>[1] = {}) => {
    const frame = pool.frame(camera, { stampNs: clock.wallNs(), ...over });
    void sources.get(camera)!.receiver!.frame(frame);
    await settle();
    return frame;
  };
  const kinds = () => events.map((event) => event.kind);
  return { pool, clock, detector, sink, events, kinds, pipeline, sources, send };
}
