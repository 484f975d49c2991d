import { InputError } from '../../base/index.ts';
import { fieldParts } from '../messages/message-shape.ts';
import type { IndividualTypeDescription } from '../messages/type-description.ts';
import { fitsText, type MessageValue, octetKinds, textKinds, valueKinds } from './value-kinds.ts';

type Field = IndividualTypeDescription['fields'][number];

/** What a field of a .msg file is that nobody names, where the file says so: `int32 x 42`, `uint8[] a [1, 2]`. */
export function fieldDefault(field: Field): MessageValue | undefined {
  const {
    default_value: written,
    name,
    type: { string_capacity: longest },
  } = field;
  const { base, nested, list, count, most } = fieldParts(field);
  if (written === undefined || nested !== '') return undefined;
  const single = (text: string) => {
    const value = valueKinds[base]!.parsed(text);
    return typeof value === 'string' && !fitsText(longest, value) ? undefined : value;
  };
  const refuse = () =>
    new InputError(
      'ros-message-text',
      `The default of the field ${name} is not allowed in a .msg file: ${written.slice(0, 100)}`,
      'Correct the definition in a folder of ros.bridge.messages.',
    );
  if (!list) {
    const value = single(written);
    if (value === undefined) throw refuse();
    return value;
  }
  const [, inner] = /^\[(.*)\]$/.exec(written) ?? [];
  if (inner === undefined) throw refuse();
  const parts = inner.trim() === '' ? [] : textKinds.has(base) ? textsOf(inner) : inner.split(',');
  if (parts === undefined) throw refuse();
  const values = parts.map((part) => single(part.trim()));
  const fits = count === undefined ? values.length <= most : values.length === count;
  if (!fits || values.includes(undefined)) throw refuse();
  const all = values as Exclude<(typeof values)[number], undefined>[];
  return octetKinds.has(base) ? Uint8Array.from(all as number[]) : all;
}

const element = /\s*(?:"((?:[^"\\]|\\"|\\(?!"))*)"|'((?:[^'\\]|\\'|\\(?!'))*)'|([^\s,"'][^,]*))\s*(?:,\s*)?/y;

/**
 * Of `"a, b" , 'c', d`, as rosidl: commas inside of quotes part nothing, spaces around them are of no text. Undefined where quotes
 * do not close or nothing stands between two commas.
 */
function textsOf(inner: string): string[] | undefined {
  const texts: string[] = [];
  for (let at = 0; at < inner.length; at = element.lastIndex) {
    element.lastIndex = at;
    const found = element.exec(inner);
    if (found === null) return undefined;
    const [, double, single, bare = ''] = found;
    texts.push(double?.replaceAll('\\"', '"') ?? single?.replaceAll("\\'", "'") ?? bare);
  }
  return texts;
}
