import { encodePayload, topics } from '../../../../src/protocol/index.ts';
import { birth } from '../../../fakes/test-fleet.ts';
import { type Served, until } from './serve.ts';

/** What tests of several routes need: a device that is in, and the digest of a bundle. */

export async function announce(served: Served, id: string): Promise<void> {
  await until(() => served.device.status().state === 'online');
  await until(() => served.controller.summary.current().broker === 'online');
  await served.device.publish({
    topic: topics.state(id),
    payload: encodePayload('state', birth),
    qos: 1,
    retain: true,
  });
}

export const digest = `sha256:${'d'.repeat(64)}`;
