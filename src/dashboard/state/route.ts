import { Value } from '../observable/value.ts';

/** Where the reader is: `#/devices/cam-7?tab=events`. The fragment never reaches the server or its logs. */
export interface Route {
  /** Decoded path segments: `['devices', 'cam-7']`; empty for the fleet. */
  readonly path: readonly string[];
  readonly query: ReadonlyMap<string, string>;
}

/** Reads a fragment with or without `#`; broken percent signs stay as they are. */
export function parseRoute(fragment: string): Route {
  const text = fragment.replace(/^#/, '');
  const cut = text.indexOf('?');
  const path = cut < 0 ? text : text.slice(0, cut);
  const query = new URLSearchParams(cut < 0 ? '' : text.slice(cut + 1));
  return {
    path: path.split('/').filter(Boolean).map(decode),
    query: new Map([...query].filter(([, value]) => value !== '')),
  };
}

/** The fragment of a route; empty query values are left out, so that equal views have equal addresses. */
export function formatRoute(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  const text = search.toString();
  return `#/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export const route = new Value<Route>({ path: [], query: new Map() });

/** Follows the address bar from now on. */
export function followAddress(): void {
  const read = (): void => route.set(parseRoute(location.hash));
  addEventListener('hashchange', read);
  read();
}

export function go(path: readonly string[], query?: Readonly<Record<string, string | undefined>>): void {
  location.hash = formatRoute(path, query);
}

/**
 * Changes keys of the query in place, without a step in the history: for filters while somebody types. Keys that are not named
 * stay as they are; an empty value takes one away.
 */
export function refine(part: Readonly<Record<string, string | undefined>>): void {
  replaceQuery({ ...Object.fromEntries(route.get().query), ...part });
}

/** The same with a whole query: keys that are not named go. */
export function replaceQuery(query: Readonly<Record<string, string | undefined>>): void {
  history.replaceState(null, '', formatRoute(route.get().path, query));
  route.set(parseRoute(location.hash));
}
