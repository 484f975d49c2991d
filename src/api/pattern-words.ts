const classes: Readonly<Record<string, string>> = {
  'a-z': 'small letters',
  'A-Z': 'capital letters',
  'A-Za-z': 'letters',
  '0-9': 'digits',
};

/** Patterns that the rules below can't put into words. */
const special: Readonly<Record<string, string>> = {
  '^/[A-Za-z0-9/._+@:-]+$': 'must be a whole path, of letters, digits and . _ + @ : -',
  '^https?://[^\\s/?#]+(/[^\\s?#]*)?$': 'must be an address: http:// or https://, a host, perhaps a path',
  '^https?://[^/]+/?$': 'must be an address: http:// or https://, and a host',
  '^([a-z0-9._-]+(/[a-z0-9._-]+)*)?$':
    'must be names of small letters, digits, . _ and -, with / between them',
  '^([A-Za-z,-]+ )?\\d\\d:\\d\\d-\\d\\d:\\d\\d$':
    'must be a window, such as 22:00-05:30 or mon-fri 20:00-06:00',
  '^[a-z][a-z0-9-]*\\.[a-z][a-z0-9-]*(:[a-z][a-z0-9-]{0,31})?$':
    'must be a kind of event, such as zone.entered or zone.entered:gate',
  '^https?://[A-Za-z0-9.:-]+/\\S*\\{z\\}\\S*\\{[xy]\\}\\S*\\{[xy]\\}\\S*$':
    'must be an address of map tiles, such as https://tile.example/{z}/{x}/{y}.png',
  '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$': 'must be the name of a pod: small letters, digits, . and -',
  '^[^+#]{1,64}$': 'must be at most 64 characters, without + and #',
  '^[a-z]+://[^/]+$': 'must be an origin, such as https://robots.example',
  '^[A-Z]{3}$': 'must be three capital letters, such as EUR',
  '^[~/A-Za-z_][A-Za-z0-9_/]*$': 'must be a name of ROS 2: letters, digits, _ and /',
  '^postgres(ql)?://': 'must begin with postgres:// or postgresql://',
  '^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$|^[0-9A-Fa-f:.]{2,45}$': 'must be a host name or an IP address',
  '^\\+$|^(?!controller$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$': 'must be the name of a device, or + for all',
  '^([A-Za-z0-9._-]+/)*$': 'must be folders of letters, digits, . _ and -, each with a / at its end',
  '^[^\\s@<>]+@[^\\s@<>]+$': 'must be an e-mail address',
  '^[0-9a-fA-F.:]+/[0-9]{1,3}$': 'must be a network, such as 10.0.0.0/8 or fd00::/8',
  '^https://|^http://(localhost|127\\.0\\.0\\.1|\\[::1\\])([:/]|$)':
    'must begin with https://; http:// only for this machine',
  '^[!#-\\[\\]-~]+$': 'must have no spaces, quotes and backslashes',
  '^[0-9a-f]{16}$': 'must be the id of the test picture',
  '^sha256:[0-9a-f]{64}$': 'must be sha256: and 64 hexadecimal digits',
  '^[0-9a-z]{1,16}-[0-9a-z]{1,16}$': 'must be an id as the lists show it',
  '^https?://[^/?#@\\s]+': 'must be an address: http:// or https://, and a host',
};

/** A pattern in words: `must start with letters, then have letters, digits, - and _, at most 32 characters`. */
export function patternWords(pattern: string): string {
  const begins = /^\^\(([^()]*:[^()]*)\)$/.exec(pattern)?.[1];
  if (begins !== undefined) return `must begin with ${joined(begins.replaceAll('\\', '').split('|'), 'or')}`;
  const known = special[pattern];
  if (known !== undefined) return known;
  const [, reserved, allowed] = /^\^\(\?!(\w+)\$\)(.*)$/.exec(pattern) ?? [];
  if (reserved !== undefined && allowed !== undefined)
    return `${patternWords(`^${allowed}`)}, and not be "${reserved}"`;
  const schemes = schemesOf(pattern);
  if (schemes !== undefined)
    return `must begin with ${joined(
      schemes.map((one) => `${one}://`),
      'or',
    )}`;
  const [, first, rest, least, most] = /^\^\[([^\]]+)\]\[([^\]]+)\]\{(\d+),(\d+)\}\$$/.exec(pattern) ?? [];
  if (first === undefined || rest === undefined) return 'has another form';
  const length =
    least === '0' ? `at most ${Number(most) + 1}` : `${Number(least) + 1} to ${Number(most) + 1}`;
  return `must start with ${listed(first, 'or')}, then have ${listed(rest, 'and')}, ${length} characters`;
}

/** `[a-z0-9_-]` as `small letters, digits, _ and -`. */
function listed(characters: string, last: string): string {
  const parts: string[] = [];
  let left = characters;
  while (left !== '') {
    const range = ['A-Za-z', 'a-z', 'A-Z', '0-9'].find((one) => left.startsWith(one));
    const part = range ?? left.slice(0, left.startsWith('\\') ? 2 : 1);
    parts.push(range === undefined ? sign(part.replace('\\', '')) : (classes[range] ?? range));
    left = left.slice(part.length);
  }
  return joined(parts, last);
}

/** Schemes of addresses, of `^https?://` or `^(mqtt|mqtts)://`. */
function schemesOf(pattern: string): readonly string[] | undefined {
  const [, several, one, optional] = /^\^(?:\(([a-z|]+)\)|([a-z]+?)(s\?)?):\/\/$/.exec(pattern) ?? [];
  if (several !== undefined) return several.split('|');
  if (one === undefined) return undefined;
  return optional === undefined ? [one] : [one, `${one}s`];
}

function joined(parts: readonly string[], last: string): string {
  const end = parts.at(-1) ?? '';
  return parts.length < 2 ? end : `${parts.slice(0, -1).join(', ')} ${last} ${end}`;
}

const sign = (character: string) => (character === ' ' ? 'spaces' : character);
