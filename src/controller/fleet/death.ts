import { contentTypeOf, encodePayload, type Transport, topics } from '../../protocol/index.ts';

/** Says in place of a device that it is gone: where its own will is not sent. */
export function publishDeath(transport: Transport, device: string, session: number): Promise<void> {
  return transport.publish({
    topic: topics.state(device),
    payload: encodePayload('state', { online: false, session, reason: 'connection-lost' }),
    qos: 1,
    retain: true,
    contentType: contentTypeOf('state'),
  });
}
