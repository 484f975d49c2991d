import { InputError } from '../../base/index.ts';

const mostOfAPage = 1_000;

export interface NamePage {
  readonly names: readonly string[];
  /** Where there are more: what to ask with next. */
  readonly next?: { readonly n: number; readonly last: string };
}

/** So many names behind `last`. Names come sorted; `last` need not be one of them. */
export function pageOf(sorted: readonly string[], n: string | undefined, last: string | undefined): NamePage {
  if (n !== undefined && !/^\d{1,9}$/.test(n))
    throw new InputError('page-size', `"${n.slice(0, 20)}" is not a number of entries.`, 'Ask with n=100.');
  const after = last === undefined ? sorted : sorted.filter((name) => name > last);
  const wanted = Math.min(n === undefined ? mostOfAPage : Number(n), mostOfAPage);
  const names = after.slice(0, wanted);
  const end = names.at(-1);
  return end === undefined || names.length === after.length
    ? { names }
    : { names, next: { n: wanted, last: end } };
}
