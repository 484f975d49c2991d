import type { RouteKey, RouteParams } from './routes.ts';

/** All routes but those for the operation of the controller itself lie below it. */
export const apiPrefix = '/api/v1';

/** `PUT /devices/:id/desired` -> `PUT` */
export function methodOf(key: RouteKey): string {
  return key.slice(0, key.indexOf(' '));
}

/** `GET /devices/:id` with `{ id: 'cam 7' }` -> `/devices/cam%207`, below `apiPrefix`. */
export function pathOf<K extends RouteKey>(key: K, params: RouteParams<K>): string {
  const values: Readonly<Record<string, string>> = params ?? {};
  return key
    .slice(key.indexOf(' ') + 1)
    .split('/')
    .map((part) => (part.startsWith(':') ? encodeSegment(values[part.slice(1)] ?? '') : part))
    .join('/');
}

/** A colon may stand in a path (RFC 3986, 3.3), and a digest is easier to read with it. */
function encodeSegment(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}

/** `?limit=20&online=true`; fields that are undefined or empty are left out. */
export function queryText(query: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const fields = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  );
  return fields.length === 0 ? '' : `?${fields.join('&')}`;
}
