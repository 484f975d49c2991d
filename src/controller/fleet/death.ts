import { encodePayload, messageOf, type Transport } from '../../protocol/index.ts';

/** Says in place of a device that it is gone: where its own will is not sent. */
export function publishDeath(transport: Transport, device: string, session: number): Promise<void> {
  const payload = encodePayload('state', { online: false, session, reason: 'connection-lost' });
  return transport.publish(messageOf('state', payload, device));
}
