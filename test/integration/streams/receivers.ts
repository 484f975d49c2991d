import { SystemClock } from '../../../src/adapters/system/index.ts';
import type { StreamPorts } from '../../../src/runtime/streams/kind.ts';
import { StreamCounts } from '../../../src/streams/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';
import { found, outgoing } from '../../unit/streams/results.ts';

/** What a stream is opened with, on the machine's own clock. */
export function ports(more: { readonly dataDir?: string } = {}) {
  const counts = new StreamCounts();
  const log = new RecordingLog();
  return {
    ...{ stream: 'test', device: 'd1', cameras: ['front'], classes: undefined },
    ...{ clock: new SystemClock(), counts, log },
    ...more,
  } satisfies StreamPorts;
}

/** Twenty objects, as a busy street has them. */
export const busy = (sequence: number) =>
  outgoing(
    sequence,
    Array.from({ length: 20 }, (_, i) =>
      found(i % 3 === 0 ? 'person' : 'car', 0.5 + i / 100, { trackId: i }),
    ),
  );

export const sequenceOf = (bytes: string | Uint8Array) =>
  (JSON.parse(String(Buffer.from(bytes as Uint8Array))) as { sequence: number }).sequence;

/** Produced = sent + left out + what waits. */
export function sumOf({ reading: { sent, leftOut, waiting } }: StreamCounts): number {
  return sent + Object.values(leftOut).reduce((sum, count) => sum + count, 0) + waiting;
}
