/** A page ends after so many bytes too, whatever its limit: a thousand events may have 60 MB. */
export const maxPageBytes = 1024 * 1024;

/** The rows of a page, at least one; `more`: there are others after it. */
export function takePage<Row>(
  rows: Iterable<Row>,
  limit: number,
  bytesOf: (row: Row) => number,
): { readonly page: Row[]; readonly more: boolean } {
  const page: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += bytesOf(row);
    if (page.length > 0 && (page.length >= limit || bytes > maxPageBytes)) return { page, more: true };
    page.push(row);
  }
  return { page, more: false };
}
