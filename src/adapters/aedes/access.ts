import { deviceAccess, deviceIdPattern, parseTopic, root, topicTable } from '../../protocol/index.ts';

/** Who is behind a connection. `open`: a broker without users, for one machine only. */
export type Identity =
  | { readonly role: 'device'; readonly device: string }
  | { readonly role: 'controller' }
  | { readonly role: 'open' };

/** The access list for publishing; wills pass it too. */
export function mayPublish(identity: Identity, topic: string, retain = false): boolean {
  switch (identity.role) {
    case 'open':
      return !topic.startsWith('$');
    case 'controller':
      return topic.startsWith(`${root}/`);
    case 'device': {
      const place = parseTopic(topic);
      if (place === undefined || place.device !== identity.device) return false;
      const { from, retained } = topicTable[place.kind];
      // A preview that was kept would fill the broker's memory.
      return from === 'device' && (!retain || retained);
    }
  }
}

/** The access list for subscribing; filters may hold wildcards. */
export function maySubscribe(identity: Identity, filter: string): boolean {
  switch (identity.role) {
    case 'open':
      return !filter.startsWith('$');
    case 'controller':
      return filter.startsWith(`${root}/`);
    case 'device': {
      const below = `${root}/${identity.device}/`;
      return deviceAccess.subscribe.some((one) => {
        if (!one.endsWith('/#')) return filter === below + one;
        const beginning = below + one.slice(0, -1);
        return filter.startsWith(beginning) && filter.length > beginning.length;
      });
    }
  }
}

const devicePattern = new RegExp(deviceIdPattern);

export function isDeviceId(id: string): boolean {
  return devicePattern.test(id);
}
