import { InputError } from '../../base/index.ts';

/**
 * Canonical JSON as TUF signs it (OLPC): sorted keys, no space, in strings nothing but `\` and `"` escaped. Not the canonical
 * text of `base`, which escapes as JSON does. A number that is no safe integer has no canonical form.
 */
export function canonicalText(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `"${value.replace(/[\\"]/g, (sign) => `\\${sign}`)}"`;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value === 'object') {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => `${canonicalText(key)}:${canonicalText(field)}`);
    return `{${fields.join(',')}}`;
  }
  throw new InputError(
    'trust-form',
    `A ${typeof value} can't be signed: ${String(value).slice(0, 40)}.`,
    'Write whole numbers, texts, lists and objects.',
  );
}
