import { encodePayload, topics } from '../../../../src/protocol/index.ts';
import { driftData, driftStatus, frozen } from '../../../fakes/drift-events.ts';
import { birth, slot } from '../../../fakes/test-fleet.ts';
import { type Served, until } from './serve.ts';

type Extra = NonNullable<Parameters<typeof driftData>[2]>;

/** `cam-1` comes online with one camera, whose picture froze. */
export async function alarmedDevice(served: Served, eventId: string, extra?: Extra): Promise<void> {
  await until(() => served.device.status().state === 'online');
  const say = (topic: string, payload: Uint8Array) =>
    served.device.publish({ topic, payload, qos: 1, retain: false });
  const timeMs = 1_790_000_000_000;
  await say(topics.state('cam-1'), encodePayload('state', birth));
  await say(
    topics.reported('cam-1'),
    encodePayload('reported', {
      ...{ generation: 0, session: 1, timeMs, slots: { main: slot() }, pipelines: {} },
      drift: { front: driftStatus() },
    }),
  );
  await say(
    topics.events('cam-1'),
    encodePayload('events', {
      ...{ id: eventId, entry: 1, session: 1, timeMs, camera: 'front' },
      ...{ kind: 'drift.alarm', severity: 'error', message: 'sensor fault: frozen' },
      data: { ...driftData(frozen, undefined, extra) },
    }),
  );
}
