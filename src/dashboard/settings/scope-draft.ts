import type { AccessScope } from '../../api/index.ts';

/** A scope as a person types it: groups and labels, each separated by commas. */
export interface ScopeDraft {
  readonly groups: string;
  readonly labels: string;
}

export const wholeFleet: ScopeDraft = { groups: '', labels: '' };

const listed = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  ),
];

/**
 * Undefined: the whole fleet. What is no label is said, as a token must never have more than was typed: `wrong` has it.
 */
export function scopeOf({ groups, labels }: ScopeDraft): {
  readonly scope?: AccessScope;
  readonly wrong?: string;
} {
  const names = listed(groups);
  const pairs = listed(labels).map((text) => [text, /^([^=\s]+)\s*=\s*(.+)$/.exec(text)] as const);
  const wrong = pairs.find(([, pair]) => pair === null)?.[0];
  if (wrong !== undefined) return { wrong };
  const keys = pairs.map(([, pair]) => pair?.[1] ?? '');
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) return { wrong: twice };
  if (names.length + pairs.length === 0) return {};
  return {
    scope: {
      ...(names.length === 0 ? {} : { groups: names }),
      ...(pairs.length === 0
        ? {}
        : { labels: Object.fromEntries(pairs.map(([, pair]) => [pair?.[1] ?? '', pair?.[2] ?? ''])) }),
    },
  };
}
