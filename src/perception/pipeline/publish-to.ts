import { asGoshawkError, type GoshawkError } from '../../base/index.ts';
import type { PerceptionResult } from '../detection.ts';
import type { Frame } from '../frame.ts';
import type { DetectionSink } from '../ports.ts';

/** Every sink that wants it gets it; what the last one that failed threw. */
export function publishTo(
  sinks: readonly DetectionSink[],
  result: PerceptionResult,
  frame: Frame,
  main: boolean,
): GoshawkError | undefined {
  let broken: GoshawkError | undefined;
  for (const sink of sinks) {
    if (!main && sink.nodes !== 'all') continue;
    try {
      sink.publish(result, frame);
    } catch (error) {
      broken = asGoshawkError(error, 'sink-failed');
    }
  }
  return broken;
}
