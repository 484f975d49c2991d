import { deviceIdPattern, parseTopic, root, topics } from '../../protocol/index.ts';

/** Who is behind a connection. `open`: a broker without users, for one machine only. */
export type Identity =
  | { readonly role: 'device'; readonly device: string }
  | { readonly role: 'controller' }
  | { readonly role: 'open' };

const deviceTopics = new Set(['state', 'metrics', 'events', 'reported', 'response', 'preview']);

/** What of a device the broker keeps; a preview that was kept would fill its memory. */
const retainedTopics = new Set(['state', 'reported']);

/** The access list of docs/mqtt.md for publishing; wills pass it too. */
export function mayPublish(identity: Identity, topic: string, retain = false): boolean {
  switch (identity.role) {
    case 'open':
      return !topic.startsWith('$');
    case 'controller':
      return topic.startsWith(`${root}/`);
    case 'device': {
      const place = parseTopic(topic);
      if (place === undefined || place.device !== identity.device) return false;
      return deviceTopics.has(place.kind) && (!retain || retainedTopics.has(place.kind));
    }
  }
}

/** The access list of docs/mqtt.md for subscribing; filters may hold wildcards. */
export function maySubscribe(identity: Identity, filter: string): boolean {
  switch (identity.role) {
    case 'open':
      return !filter.startsWith('$');
    case 'controller':
      return filter.startsWith(`${root}/`);
    case 'device': {
      const own = topics.desired(identity.device);
      const calls = topics.call(identity.device, '');
      return filter === own || (filter.startsWith(calls) && filter.length > calls.length);
    }
  }
}

const devicePattern = new RegExp(deviceIdPattern);

export function isDeviceId(id: string): boolean {
  return devicePattern.test(id);
}
