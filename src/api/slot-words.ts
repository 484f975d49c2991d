import type { SlotScope } from '../protocol/index.ts';

const rows: { readonly [Row in keyof Required<SlotScope>]: (value: Required<SlotScope>[Row]) => string } = {
  role: (role) => role,
  cameras: (cameras) => `cameras ${cameras.join(', ') || 'none'}`,
  sample: (sample) => (sample === 1 ? '' : `every ${sample}. frame`),
};

/** The frames that a slot gets, in words. */
export function scopeWords(slot: SlotScope): string {
  return Object.entries(rows as Readonly<Record<string, (value: unknown) => string>>)
    .map(([row, say]) => {
      const value = slot[row as keyof SlotScope];
      return value === undefined ? '' : say(value);
    })
    .filter((words) => words !== '')
    .join(', ');
}
