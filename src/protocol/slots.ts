import { type Static, type TObject, Type } from '@sinclair/typebox';
import { Name } from './scalars.ts';

/** A named place for one model on a device. */
export const SlotName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,31}$',
  description: 'Name of a slot: a small letter, then small letters, digits and hyphens, at most 32',
});

export const SlotRole = Type.Union([Type.Literal('serve'), Type.Literal('shadow')], {
  description:
    'serve: its results go where results go; shadow: it sees sampled frames beside a model that serves and is only compared with it',
});
export type SlotRole = Static<typeof SlotRole>;

/**
 * Which frames a slot gets, where no graph of the camera says it. Orders, desired and reported state, the API and the options of
 * `goshawk model deploy` are made from this table.
 */
export const SlotScope = {
  /** Absent: serve. */
  role: Type.Optional(SlotRole),
  /** Absent: all. */
  cameras: Type.Optional(Type.Array(Name, { maxItems: 64, description: 'By name; absent: all' })),
  sample: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description: 'Every n-th frame of a camera; absent: every one',
    }),
  ),
} as const;
export type SlotScope = Static<TObject<typeof SlotScope>>;

/** The rows of the table out of something that has more. */
export function scopeOf(slot: { readonly [Row in keyof SlotScope]?: SlotScope[Row] | undefined }): SlotScope {
  return Object.fromEntries(
    Object.entries(slot).filter(([row, value]) => row in SlotScope && value !== undefined),
  );
}

/** Which version of a model is meant, and whether a newer one takes its place by itself. */
export const VersionPolicy = Type.Object(
  {
    follows: Type.Union([Type.Literal('digest'), Type.Literal('latest'), Type.Literal('range')], {
      description:
        'digest: this bundle and no other; latest: the highest version; range: the highest one within `range`',
    }),
    range: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description: 'Range of SemVer, such as `^1.2`; with `range` only',
      }),
    ),
    pinned: Type.Optional(
      Type.Boolean({ description: 'Stays as it is until it is unpinned, whatever arrives' }),
    ),
  },
  { description: 'Absent: this bundle and no other' },
);
export type VersionPolicy = Static<typeof VersionPolicy>;
