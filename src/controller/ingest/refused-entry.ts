import { decode as decodeCbor } from 'cborg';
import { decodeUtf8Leniently } from '../../base/index.ts';
import { type Message, parseTopic } from '../../protocol/index.ts';
import type { Ack } from '../event-bus.ts';

const maxBytes = 1024 * 1024;

/** Number of the outbox entry of a payload that does not fit its schema, where it can still be made out. */
export function refusedEntry({ topic, payload }: Message): Ack | undefined {
  const place = parseTopic(topic);
  if (place === undefined || payload.byteLength > maxBytes) return undefined;
  if (place.kind !== 'metrics' && place.kind !== 'events') return undefined;
  try {
    const value: unknown =
      place.kind === 'metrics' ? decodeCbor(payload) : JSON.parse(decodeUtf8Leniently(payload));
    if (typeof value !== 'object' || value === null || !('entry' in value)) return undefined;
    const { entry } = value;
    if (typeof entry !== 'number' || !Number.isSafeInteger(entry) || entry < 0) return undefined;
    return { device: place.device, entry };
  } catch {
    return undefined;
  }
}
