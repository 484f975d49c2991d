/** One check of the product, and how its code looks without it. */
export interface Check {
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

/** A line that a file's checks are made with: name, what stands there, what stands there without the check. */
export type Row = readonly [name: string, from: string, to?: string];

export function checksOf(file: string, rows: readonly Row[]): Check[] {
  return rows.map(([name, from, to = '']) => ({ name, file, from, to }));
}

/** The code without the check. Throws where the check is not there once. */
export function withoutCheck({ name, file, from, to }: Check, code: string): string {
  const parts = code.split(from);
  if (parts.length !== 2)
    throw new RangeError(`${file} has the check "${name}" ${parts.length - 1} times, not once.`);
  return parts.join(to);
}
