const classes: Readonly<Record<string, string>> = {
  'a-z': 'small letters',
  'A-Z': 'capital letters',
  'A-Za-z': 'letters',
  '0-9': 'digits',
};

/** A name's pattern in words: `starts with a letter; letters, digits, - and _; at most 32 characters`. */
export function patternWords(pattern: string): string {
  const schemes = schemesOf(pattern);
  if (schemes !== undefined)
    return `must begin with ${joined(
      schemes.map((one) => `${one}://`),
      'or',
    )}`;
  const [, first, rest, most] = /^\^\[([^\]]+)\]\[([^\]]+)\]\{0,(\d+)\}\$$/.exec(pattern) ?? [];
  if (first === undefined || rest === undefined || most === undefined)
    return `must have the form of ${pattern}`;
  return `must start with ${listed(first, 'or')}, then have ${listed(rest, 'and')}, at most ${Number(most) + 1} characters`;
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
