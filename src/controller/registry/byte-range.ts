import type { ByteRange } from './ports.ts';

/** What a `Range` header asks of so many bytes: the whole, a part, or what there is not (RFC 9110, 14.2). */
export function rangeOf(header: string | undefined, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  // Several ranges, another unit, no header: a server may give the whole.
  if (first === '' && last === '') return 'whole';
  if (first === '') {
    const count = Math.min(Number(last), size);
    return count === 0 ? 'unsatisfiable' : { from: size - count, to: size - 1 };
  }
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < from) return 'whole';
  return from >= size ? 'unsatisfiable' : { from, to };
}

/** Where a piece of an upload begins and how long it is, as `Content-Range: 0-1023` says; undefined for what says nothing. */
export function contentRangeOf(
  header: string | undefined,
): { readonly from: number; readonly length: number } | 'invalid' | undefined {
  if (header === undefined) return undefined;
  const [, from, to] = /^(?:bytes )?(\d{1,15})-(\d{1,15})(?:\/(?:\d+|\*))?$/.exec(header.trim()) ?? [];
  if (from === undefined || Number(to) < Number(from)) return 'invalid';
  return { from: Number(from), length: Number(to) - Number(from) + 1 };
}
