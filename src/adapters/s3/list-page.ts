/* The answer to ListObjectsV2, of which few fields are read. It is XML without attributes in these places. */

export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly modifiedMs: number;
}

export interface ListPage {
  readonly objects: readonly ListedObject[];
  /** Where there are more. */
  readonly next: string | undefined;
}

/** Undefined for what is no such answer. */
export function readListPage(xml: string): ListPage | undefined {
  if (!/<ListBucketResult[\s>]/.test(xml)) return undefined;
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, entry = '']) => ({
    key: fieldOf(entry, 'Key') ?? '',
    size: Number(fieldOf(entry, 'Size')),
    modifiedMs: Date.parse(fieldOf(entry, 'LastModified') ?? ''),
  }));
  const wrong = objects.some(
    ({ size, modifiedMs }) => !Number.isSafeInteger(size) || Number.isNaN(modifiedMs),
  );
  if (wrong) return undefined;
  const isCut = fieldOf(xml, 'IsTruncated') === 'true';
  return { objects, next: isCut ? fieldOf(xml, 'NextContinuationToken') : undefined };
}

function fieldOf(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text === undefined ? undefined : decoded(text);
}

function decoded(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(#x?[0-9a-f]+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return named[name] ?? whole;
    const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
