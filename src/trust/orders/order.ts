import { decodeUtf8, encodeUtf8, RefusedError } from '../../base/index.ts';
import { FieldReader, parseJson } from '../format/fields.ts';
import { parseSignedPayload } from './envelope.ts';

/** Media type of what is in the envelope of an order. */
export const orderType = 'application/vnd.goshawk.desired.v1+json';

/** What is signed: whose it is, and what is wanted as text, so that what was signed is what is read. */
export function orderPayload(device: string, desired: Uint8Array): Uint8Array {
  return encodeUtf8(JSON.stringify({ device, desired: decodeUtf8(desired) }));
}

/** What is wanted, out of its envelope, whoever signed it and for whom: for who does not act on it. As it is without one. */
export function unverifiedDesired(bytes: Uint8Array): Uint8Array {
  const signed = parseSignedPayload(bytes);
  if (signed === undefined) return bytes;
  const read = new FieldReader('The order');
  const { desired } = read.object(parseJson(signed.payload, 'The order'), 'the whole');
  return encodeUtf8(read.text(desired, 'desired'));
}

/** What is wanted of this device. RefusedError `trust-order` for an order of another one: it was signed, but not for us. */
export function desiredOf(payload: Uint8Array, device: string): Uint8Array {
  const read = new FieldReader('The order');
  const fields = read.object(parseJson(payload, 'The order'), 'the whole');
  if (fields.device === device) return encodeUtf8(read.text(fields.desired, 'desired'));
  throw new RefusedError(
    'trust-order',
    'An order is signed for another device.',
    'It is ignored. Find out which program publishes there.',
  );
}
