import { Pipeline } from '../../src/perception/index.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakePipeline } from '../fakes/fake-pipeline.ts';
import { FakeSource } from '../unit/perception/fakes.ts';
import { describePipelineHost } from './pipeline-host.ts';

describePipelineHost('the fake', (detector) => new FakePipeline(detector));

describePipelineHost('the pipeline', async (detector) => {
  const pipeline = new Pipeline({ detector, clock: new FakeClock(), sinks: [] });
  await pipeline.add(new FakeSource('front'));
  await pipeline.start();
  return pipeline;
});
