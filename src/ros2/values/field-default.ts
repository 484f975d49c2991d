import { InputError } from '../../base/index.ts';
import { fieldParts } from '../messages/message-shape.ts';
import type { IndividualTypeDescription } from '../messages/type-description.ts';
import { type MessageValue, octetKinds, textKinds, valueKinds } from './value-kinds.ts';

type Field = IndividualTypeDescription['fields'][number];

/** What a field of a .msg file is that nobody names, where the file says so: `int32 x 42`, `uint8[] a [1, 2]`. */
export function fieldDefault(field: Field): MessageValue | undefined {
  const { default_value: written, name } = field;
  const { base, nested, list, count, most } = fieldParts(field);
  if (written === undefined || nested !== '') return undefined;
  const kind = valueKinds[base]!;
  const refuse = () =>
    new InputError(
      'ros-message-text',
      `The default of the field ${name} is not what a .msg file may say: ${written.slice(0, 100)}`,
      'Correct the definition that stands in a folder of ros.bridge.messages.',
    );
  if (!list) {
    const value = kind.parsed(written);
    if (value === undefined) throw refuse();
    return value;
  }
  const [, inner] = /^\[(.*)\]$/.exec(written) ?? [];
  if (inner === undefined) throw refuse();
  const parts = inner.trim() === '' ? [] : textKinds.has(base) ? textsOf(inner) : inner.split(',');
  const values = parts.map((part) => kind.parsed(part.trim()));
  const fits = count === undefined ? values.length <= most : values.length === count;
  if (!fits || values.includes(undefined)) throw refuse();
  const all = values as Exclude<(typeof values)[number], undefined>[];
  return octetKinds.has(base) ? Uint8Array.from(all as number[]) : all;
}

/** Of `"a, b", 'c', d`: commas inside of quotes part nothing. */
function textsOf(inner: string): string[] {
  return inner.match(/\s*(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^,]+)/g) ?? [];
}
