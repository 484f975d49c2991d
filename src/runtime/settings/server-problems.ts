/** The first address and the list of the others, by the names of their settings. */
const names = [
  ['url', 'servers'],
  ['brokerUrl', 'brokerServers'],
] as const;

/** Schemes that one list may mix, with their ports. A list of both kinds would give a password away in clear. */
const kinds: readonly Readonly<Record<string, number>>[] = [
  { mqtts: 8883, wss: 443 },
  { mqtt: 1883, ws: 80 },
  { amqps: 5671 },
  { amqp: 5672 },
];

/** As a `Problem`, without what was found: an address may hold a password. */
interface ServerProblem {
  readonly path: string;
  readonly what: string;
}

interface Address {
  readonly path: string;
  readonly scheme: string;
  readonly url: URL;
}

/** Addresses of brokers that do not fit each other, or hold a password. Those of another form are a mistake of another kind. */
export function serverProblems(value: unknown, path = ''): ServerProblem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const entries = value as Readonly<Record<string, unknown>>;
  const at = (key: string) => (path === '' ? key : `${path}.${key}`);
  const inner = Object.entries(entries).flatMap(([key, one]) => serverProblems(one, at(key)));
  const own = names.flatMap(([first, others]) => {
    const list = entries[others];
    if (Array.isArray(list) && list.length > 0 && entries[first] === undefined && first !== 'url')
      return [{ path: at(first), what: `is required, because ${others} is given` }];
    return problemsOf([
      ...addressAt(at(first), entries[first]),
      ...(Array.isArray(list) ? list : []).flatMap((one, index) => addressAt(`${at(others)}.${index}`, one)),
    ]);
  });
  return [...own, ...inner];
}

function addressAt(path: string, text: unknown): Address[] {
  const scheme = typeof text === 'string' ? /^([a-z]+):\/\//.exec(text)?.[1] : undefined;
  if (
    scheme === undefined ||
    !kinds.some((kind) => Object.hasOwn(kind, scheme)) ||
    !URL.canParse(String(text))
  )
    return [];
  return [{ path, scheme, url: new URL(String(text)) }];
}

function problemsOf(addresses: readonly Address[]): ServerProblem[] {
  const [first] = addresses;
  const kind = kinds.find((one) => first !== undefined && Object.hasOwn(one, first.scheme)) ?? {};
  const paths = new Map<string, string>();
  return addresses.flatMap(({ path, scheme, url }) => {
    // Its value is not shown.
    if (url.password !== '')
      return [
        { path, what: 'must have no password; write it into a file, and name the file in passwordFile' },
      ];
    const place = `${scheme}://${url.hostname.toLowerCase()}:${url.port || kind[scheme]}${url.pathname.replace(/^\/$/, '')}`;
    const known = paths.get(place);
    paths.set(place, known ?? path);
    if (known !== undefined)
      return [{ path, what: `is the same address as ${known}; name each address once` }];
    const schemes = Object.keys(kind).map((one) => `${one}://`);
    return Object.hasOwn(kind, scheme)
      ? []
      : [{ path, what: `must begin with ${schemes.join(' or ')}, as ${first?.path} does` }];
  });
}
