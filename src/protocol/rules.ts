import { type Static, Type } from '@sinclair/typebox';
import { Count, Name } from './scalars.ts';

/** What it may say is checked by `checkRules` of perception, which names what is wrong; here are the bounds of the wire. */
const ruleName = '^[a-z][a-z0-9-]{0,31}$';
export const RuleName = Type.String({ pattern: ruleName });

const Points = (description: string) =>
  Type.Array(Type.Tuple([Type.Number(), Type.Number()]), { maxItems: 64, description });

const common = {
  classes: Type.Optional(Type.Array(Name, { maxItems: 100, description: 'Labels that count; default all' })),
  anchor: Type.Optional(
    Type.Union([Type.Literal('bottom-center'), Type.Literal('center'), Type.Literal('top-center')], {
      description: 'The point of a box that counts; default `bottom-center`',
    }),
  ),
  hysteresis: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 10,
      description:
        'Distance beyond the border, in heights of its box, at which an object is across at once; default 0.05',
    }),
  ),
  settleSeconds: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 60,
      description: 'Seconds after which an object nearer to the border is across; default 0.5',
    }),
  ),
  eventsPerMinute: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 6000,
      description:
        'Events of each kind that are sent to the fleet; further ones are only counted. Default 6; 0: none',
    }),
  ),
};

/** A polygon in which objects are counted. */
export const ZoneSettings = Type.Object({
  points: Points('Corners in order, as shares (0 to 1) of width and height from the top left'),
  ...common,
  dwellSeconds: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1_000_000,
      description: 'Seconds inside after which an object raises an event',
    }),
  ),
  absenceSeconds: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1_000_000,
      description: 'Seconds without an object inside that raise an event',
    }),
  ),
  minimumCount: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description: 'Number of objects inside at once that raises an event',
    }),
  ),
  speedLimit: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1000,
      description: 'A faster object inside is an event; heights of the picture per second',
    }),
  ),
});

/** A line at which objects are counted by direction. */
export const LineSettings = Type.Object({
  points: Points('Its two ends; seen from the first to the second, `in` is on the right'),
  ...common,
  direction: Type.Optional(
    Type.Union([Type.Literal('in'), Type.Literal('out'), Type.Literal('both')], {
      description: 'Which crossings count; default `both`',
    }),
  ),
});

const named = { maxProperties: 32, additionalProperties: false };

/** Zones and lines of one camera by name. */
export const CameraRules = Type.Object(
  {
    zones: Type.Optional(Type.Record(RuleName, ZoneSettings, named)),
    lines: Type.Optional(Type.Record(RuleName, LineSettings, named)),
  },
  { description: 'Zones and lines in which objects are counted: docs/zones.md' },
);
export type CameraRules = Static<typeof CameraRules>;

const counted = (counts: Record<string, typeof Count>) =>
  Type.Record(RuleName, Type.Object(counts), { maxProperties: 32 });

/** What they counted since the start. */
export const RuleCounts = Type.Object({
  zones: counted({ inside: Count, entered: Count }),
  lines: counted({ in: Count, out: Count }),
});
