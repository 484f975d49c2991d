/** Root of every topic: product and major version of the protocol. */
export const root = 'goshawk/1';

/** Name of the controller: its client id at the broker, and whom its own events are about. No device has it. */
export const controllerId = 'controller';

/** A device id is a topic level and a client id: letters, digits, `.`, `_`, `-`; at most 64 characters. */
export const deviceIdPattern = `^(?!${controllerId}$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`;

/**
 * Topics below `goshawk/1/<device>/`. The device may publish state, metrics, events, reported, response and preview,
 * and may subscribe to desired and call/#. Nothing else: the broker's access list says the same.
 */
export const topics = {
  state: (device: string) => `${root}/${device}/state`,
  metrics: (device: string) => `${root}/${device}/metrics`,
  events: (device: string) => `${root}/${device}/events`,
  reported: (device: string) => `${root}/${device}/reported`,
  desired: (device: string) => `${root}/${device}/desired`,
  call: (device: string, method: string) => `${root}/${device}/call/${method}`,
  /** Where a device answers calls; below its own root, so that its access list needs no exception. */
  response: (device: string) => `${root}/${device}/response`,
  /** Live pictures while somebody watches: QoS 0, never stored. */
  preview: (device: string, camera: string) => `${root}/${device}/preview/${camera}`,
} as const;

export type TopicKind =
  | {
      readonly kind: 'state' | 'metrics' | 'events' | 'reported' | 'desired' | 'response';
      readonly device: string;
    }
  | { readonly kind: 'call'; readonly device: string; readonly method: string }
  | { readonly kind: 'preview'; readonly device: string; readonly camera: string };

const plain = new Set(['state', 'metrics', 'events', 'reported', 'desired', 'response']);
const devicePattern = new RegExp(deviceIdPattern);

/** The meaning of a topic, or undefined for one that is not ours. */
export function parseTopic(topic: string): TopicKind | undefined {
  const [product, version, device, kind, rest, ...more] = topic.split('/');
  if (`${product}/${version}` !== root || device === undefined || kind === undefined || more.length > 0)
    return undefined;
  if (!devicePattern.test(device)) return undefined;
  if (rest === undefined) {
    if (!plain.has(kind)) return undefined;
    return { kind: kind as 'state' | 'metrics' | 'events' | 'reported' | 'desired' | 'response', device };
  }
  if (rest === '') return undefined;
  if (kind === 'call') return { kind, device, method: rest };
  if (kind === 'preview') return { kind, device, camera: rest };
  return undefined;
}
