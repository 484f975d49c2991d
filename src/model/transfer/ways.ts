import type { TransferForm } from './transfer-form.ts';

/** A file that is wanted. */
export interface WantedBlob {
  readonly digest: string;
  readonly size: number;
}

/** What a form takes of memory and disk is bounded: a larger file travels as it is. */
export const largestUnpacked = 256 * 1024 * 1024;

/**
 * In which forms to try to get a file, the one with the fewest bytes first; the file as it is is not among them, and comes
 * after them. `sizeOf`: bytes of a file that the device has, by digest.
 */
export function waysToFetch(
  wanted: WantedBlob,
  forms: readonly TransferForm[],
  sizeOf: (digest: string) => number | undefined,
): TransferForm[] {
  if (wanted.size > largestUnpacked) return [];
  const usable = forms.filter(({ blob, size, base }) => {
    if (blob !== wanted.digest || size >= wanted.size) return false;
    if (base === undefined) return true;
    const have = sizeOf(base);
    return have !== undefined && have <= largestUnpacked;
  });
  return usable.sort((a, b) => a.size - b.size).slice(0, mostWays);
}

/** A list that names a hundred broken forms must not cost a hundred tries. */
const mostWays = 2;
